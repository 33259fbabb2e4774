-- Tables, indexes, materialized views and foreign tables that the role may read, system schemas left out.
SELECT n.nspname AS schema,
       c.relname AS name,
       c.relkind::text AS kind,
       CASE WHEN c.relkind IN ('r', 'm', 'i') THEN COALESCE(pg_catalog.pg_relation_size(c.oid), 0) / 8192 ELSE 0 END
           AS file_blocks,
       c.reltuples,
       c.relallfrozen, -- 18+
       c.relallvisible,
       c.relpages
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_table_privilege(COALESCE(x.indrelid, c.oid), 'SELECT')
ORDER BY n.nspname, c.relname
