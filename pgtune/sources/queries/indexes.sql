-- One row for each index; arrays hold one entry per key column, in key order.
SELECT x.indrelid AS relation_oid,
       n.nspname AS schema,
       i.relname AS name,
       am.amname AS access_method,
       keys.texts,
       keys.is_expression,
       keys.descending,
       keys.nulls_first,
       keys.opclasses,
       included.names AS include,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid, true) AS predicate,
       x.indisunique AS "unique",
       x.indisprimary AS "primary",
       (SELECT k.conname FROM pg_catalog.pg_constraint AS k
        WHERE k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')) AS "constraint",
       x.indisvalid AS valid,
       pg_catalog.pg_relation_size(i.oid) AS size_bytes,
       s.idx_scan AS scans,
       pg_catalog.pg_get_indexdef(i.oid) AS definition
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
JOIN pg_catalog.pg_am AS am ON am.oid = i.relam
LEFT JOIN pg_catalog.pg_stat_all_indexes AS s ON s.indexrelid = i.oid
CROSS JOIN LATERAL (
    SELECT array_agg(COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.oid, k.n, true)) ORDER BY k.n) AS texts,
           array_agg(a.attname IS NULL ORDER BY k.n) AS is_expression,
           -- indoption, src/include/catalog/pg_index.h: bit 1 = DESC, bit 2 = NULLS FIRST; counted from 0
           array_agg(x.indoption[k.n - 1] & 1 = 1 ORDER BY k.n) AS descending,
           array_agg(x.indoption[k.n - 1] & 2 = 2 ORDER BY k.n) AS nulls_first,
           array_agg(CASE WHEN NOT o.opcdefault THEN o.opcname::text END ORDER BY k.n) AS opclasses
    FROM generate_series(1, x.indnkeyatts) AS k (n)
    JOIN pg_catalog.pg_opclass AS o ON o.oid = x.indclass[k.n - 1]
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.n - 1] AND a.attnum <> 0
) AS keys
CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(a.attname::text ORDER BY k.n), '{}') AS names
    FROM generate_series(x.indnkeyatts + 1, x.indnatts) AS k (n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.n - 1]
) AS included
WHERE x.indrelid = ANY (%(oids)s::oid[])
ORDER BY x.indrelid, i.relname
