-- What the tables need: the root of a partition, children by inheritance, what foreign keys refer to,
-- and for statements that write, what refers to them.
WITH RECURSIVE reached AS (
    SELECT unnest(%(oids)s::oid[]) AS oid
    UNION
    SELECT next.oid
    FROM reached
    CROSS JOIN LATERAL (
        SELECT CASE WHEN i.inhparent IS NULL THEN NULL WHEN child.relispartition THEN i.inhparent END AS oid
        FROM pg_class AS child
        LEFT JOIN pg_inherits AS i ON i.inhrelid = child.oid
        WHERE child.oid = reached.oid
        UNION ALL
        SELECT i.inhrelid
        FROM pg_inherits AS i
        JOIN pg_class AS child ON child.oid = i.inhrelid
        WHERE i.inhparent = reached.oid AND NOT child.relispartition
        UNION ALL
        SELECT k.confrelid FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conrelid = reached.oid
        UNION ALL
        SELECT k.conrelid
        FROM pg_constraint AS k
        WHERE k.contype = 'f' AND k.confrelid = reached.oid AND %(writes)s
    ) AS next
    WHERE next.oid IS NOT NULL
)
SELECT
    c.oid::bigint AS oid,
    n.nspname AS schema,
    c.relname AS name,
    CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_bounds,
    ARRAY(
        SELECT t.tgname::text
        FROM pg_trigger AS t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O' AND t.tgparentid = 0
    ) AS triggers
FROM reached
JOIN pg_class AS c ON c.oid = reached.oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT c.relispartition AND c.relkind IN ('r', 'p')
ORDER BY n.nspname, c.relname
