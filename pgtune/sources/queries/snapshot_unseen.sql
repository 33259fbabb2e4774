-- What the role may not see; a table without SELECT cannot be locked by pg_dump either.
SELECT n.nspname AS schema,
       c.relname AS name,
       CASE WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') THEN 'schema'
            WHEN NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') THEN 'table'
            ELSE 'row security' END AS cause
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
       OR NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
       OR pg_catalog.row_security_active(c.oid))
UNION ALL
SELECT n.nspname, i.relname, 'index expressions'
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
WHERE x.indexprs IS NOT NULL
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT pg_catalog.has_table_privilege(i.oid, 'SELECT')
  AND pg_catalog.has_table_privilege(x.indrelid, 'SELECT')
UNION ALL
SELECT n.nspname, e.stxname, 'extended statistics'
FROM pg_catalog.pg_statistic_ext AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
WHERE pg_catalog.has_table_privilege(e.stxrelid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stats_ext AS s
                  WHERE s.statistics_schemaname = n.nspname AND s.statistics_name = e.stxname)
ORDER BY 1, 2
