-- One row for each index to build, in the given order: what stands in its way.
SELECT w.table_name,
       n.nspname AS schema,
       t.oid IS NOT NULL AS table_exists,
       pg_catalog.pg_has_role(t.relowner, 'USAGE')
       AND pg_catalog.has_schema_privilege(t.relnamespace, 'CREATE') AS may_create,
       EXISTS (SELECT FROM pg_catalog.pg_class AS c
               WHERE c.relnamespace = t.relnamespace AND c.relname = w.index_name) AS name_is_taken
FROM ROWS FROM (
    pg_catalog.unnest(%(table_names)s::pg_catalog.text[]),
    pg_catalog.unnest(%(index_names)s::pg_catalog.text[])
) WITH ORDINALITY AS w (table_name, index_name, number)
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = pg_catalog.to_regclass(w.table_name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
ORDER BY w.number
