-- Limits below max_connections; they hold nobody who is a superuser. A datconnlimit of -2 marks a broken database.
SELECT 'role' AS limited, r.rolname::text AS name, r.rolconnlimit AS connections
FROM pg_catalog.pg_roles AS r
WHERE r.rolconnlimit >= 0 AND r.rolcanlogin AND NOT r.rolsuper
UNION ALL
SELECT 'database', d.datname::text, d.datconnlimit
FROM pg_catalog.pg_database AS d
WHERE d.datconnlimit >= 0 AND d.datallowconn
ORDER BY 1, 2
