-- Where pg_stat_statements is in this database, and its columns: they go by the extension's version, not the server's.
SELECT n.nspname AS schema,
       pg_catalog.array_agg(a.attname::text) AS columns,
       pg_catalog.bool_or(pg_catalog.has_table_privilege(i.oid, 'SELECT')) AS has_info
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements'
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_catalog.pg_class AS i ON i.relnamespace = n.oid AND i.relname = 'pg_stat_statements_info'
WHERE e.extname = 'pg_stat_statements'
GROUP BY n.nspname
