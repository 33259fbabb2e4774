-- Levels above the leaves of each B-tree, as the planner reads them (_bt_getrootheight: the fast root's).
-- pageinspect asks for a superuser; {schema} is the extension's.
SELECT n.nspname AS schema,
       c.relname AS name,
       m.fastlevel::int AS height
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
CROSS JOIN LATERAL {schema}.bt_metap(
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)) AS m
WHERE c.relkind = 'i' AND am.amname = 'btree' AND x.indisvalid
  -- on a standby an unlogged index has no file
  AND CASE WHEN pg_catalog.pg_is_in_recovery() THEN c.relpersistence = 'p' ELSE true END
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
