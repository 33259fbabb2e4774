-- Roles that may log in, with the databases that they are in now. Names show without privileges, types do not.
SELECT r.rolname::text AS role,
       r.rolsuper AS is_superuser,
       COALESCE(pg_catalog.array_agg(DISTINCT a.datname::text) FILTER (WHERE a.datname IS NOT NULL), '{}') AS databases
FROM pg_catalog.pg_roles AS r
LEFT JOIN pg_catalog.pg_stat_activity AS a
       ON a.usesysid = r.oid AND a.pid <> pg_catalog.pg_backend_pid()
      AND COALESCE(a.backend_type, 'client backend') = 'client backend'
WHERE r.rolcanlogin
GROUP BY r.rolname, r.rolsuper
ORDER BY r.rolname
