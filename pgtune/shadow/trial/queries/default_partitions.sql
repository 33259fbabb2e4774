-- Partitioned tables, at any level below the roots, that have no default partition and may have one.
WITH RECURSIVE tree AS (
    SELECT unnest(%(oids)s::oid[]) AS oid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_inherits AS i ON i.inhparent = tree.oid
)
SELECT format('%%I.%%I', n.nspname, c.relname) AS name, n.nspname AS schema, c.oid::bigint AS oid
FROM tree
JOIN pg_class AS c ON c.oid = tree.oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_partitioned_table AS p ON p.partrelid = c.oid
WHERE p.partdefid = 0 AND p.partstrat IN ('r', 'l')
