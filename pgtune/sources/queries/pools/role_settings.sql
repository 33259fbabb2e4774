-- ALTER ROLE ... [IN DATABASE ...] SET and ALTER DATABASE ... SET; NULL stands for all.
SELECT r.rolname::text AS role, d.datname::text AS database, s.setconfig AS settings
FROM pg_catalog.pg_db_role_setting AS s
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
WHERE (s.setrole = 0 OR r.oid IS NOT NULL) AND (s.setdatabase = 0 OR d.oid IS NOT NULL)
