-- Client backends but our own, counted.
SELECT COALESCE(a.usename::text, '') AS role,
       COALESCE(a.application_name, '') AS application_name,
       count(*) AS sessions
FROM pg_catalog.pg_stat_activity AS a
WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
GROUP BY 1, 2
