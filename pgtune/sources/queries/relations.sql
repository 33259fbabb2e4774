-- One row for each relation asked for that exists; a name without a schema is looked up on the search_path.
SELECT c.oid,
       n.nspname AS schema,
       c.relname AS name,
       c.relkind::text AS kind,
       c.reltuples::float8 AS reltuples,
       c.relpages,
       c.relallvisible,
       COALESCE(s.n_live_tup, 0) AS n_live_tup,
       COALESCE(s.n_dead_tup, 0) AS n_dead_tup,
       COALESCE(s.n_mod_since_analyze, 0) AS n_mod_since_analyze,
       GREATEST(s.last_vacuum, s.last_autovacuum) AS last_vacuum,
       GREATEST(s.last_analyze, s.last_autoanalyze) AS last_analyze,
       pg_catalog.pg_relation_size(c.oid) AS size_bytes,
       CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_key,
       -- relhassubclass stays true when the last child was dropped
       c.relhassubclass AND c.relkind = 'r' AS has_heirs,
       c.relrowsecurity AS has_row_security,
       pn.nspname AS parent_schema,
       p.relname AS parent_name
FROM (SELECT DISTINCT * FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS u (schema, name)) AS wanted
JOIN pg_catalog.pg_class AS c ON c.relname = wanted.name AND c.relkind IN ('r', 'p', 'm', 'f', 'v')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = c.oid
LEFT JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_catalog.pg_class AS p ON p.oid = i.inhparent
LEFT JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
WHERE CASE WHEN wanted.schema IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = wanted.schema END
