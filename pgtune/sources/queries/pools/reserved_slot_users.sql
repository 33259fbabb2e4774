-- Who may take the slots of reserved_connections; superusers have their own.
SELECT r.rolname::text AS role
FROM pg_catalog.pg_roles AS r
WHERE r.rolcanlogin AND NOT r.rolsuper
  AND pg_catalog.pg_has_role(r.oid, 'pg_use_reserved_connections', 'USAGE')
ORDER BY 1
