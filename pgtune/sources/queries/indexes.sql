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
       keys.collations,
       included.names AS include,
       pg_catalog.pg_get_expr(x.indpred, x.indrelid, true) AS predicate,
       x.indisunique AS "unique",
       x.indisprimary AS "primary",
       (SELECT k.conname FROM pg_catalog.pg_constraint AS k
        WHERE k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')) AS "constraint",
       x.indisvalid AS valid,
       pg_catalog.pg_relation_size(i.oid) AS size_bytes,
       s.idx_scan AS scans,
       pg_catalog.pg_get_indexdef(i.oid) AS definition,
       pn.nspname AS parent_schema,
       p.relname AS parent_name,
       i.relkind = 'I' AS partitioned,
       (SELECT min(k.conname) FROM pg_catalog.pg_constraint AS k
        WHERE k.conindid = i.oid AND k.contype = 'f') AS foreign_key,
       x.indisreplident AS replica_identity,
       x.indisclustered AS clustered,
       x.indimmediate AS immediate,
       -- indnullsnotdistinct: 15 and later
       NOT COALESCE((pg_catalog.to_jsonb(x) ->> 'indnullsnotdistinct')::bool, false) AS nulls_distinct
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = i.relnamespace
JOIN pg_catalog.pg_am AS am ON am.oid = i.relam
LEFT JOIN pg_catalog.pg_stat_all_indexes AS s ON s.indexrelid = i.oid
LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = i.oid
LEFT JOIN pg_catalog.pg_class AS p ON p.oid = h.inhparent
LEFT JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.oid, k.n, true)) ORDER BY k.n) AS texts,
           array_agg(a.attname IS NULL ORDER BY k.n) AS is_expression,
           -- indoption, src/include/catalog/pg_index.h: bit 1 = DESC, bit 2 = NULLS FIRST; counted from 0
           array_agg(x.indoption[k.n - 1] & 1 = 1 ORDER BY k.n) AS descending,
           array_agg(x.indoption[k.n - 1] & 2 = 2 ORDER BY k.n) AS nulls_first,
           array_agg(CASE WHEN NOT o.opcdefault THEN o.opcname::text END ORDER BY k.n) AS opclasses,
           array_agg(CASE WHEN l.oid <> COALESCE(a.attcollation, t.typcollation)
                          THEN CASE WHEN pg_catalog.pg_collation_is_visible(l.oid) THEN ''
                                    ELSE pg_catalog.quote_ident(ln.nspname) || '.' END
                               || pg_catalog.quote_ident(l.collname) END ORDER BY k.n) AS collations
    FROM generate_series(1, x.indnkeyatts) AS k (n)
    JOIN pg_catalog.pg_opclass AS o ON o.oid = x.indclass[k.n - 1]
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.n - 1] AND a.attnum <> 0
    JOIN pg_catalog.pg_attribute AS own ON own.attrelid = i.oid AND own.attnum = k.n
    JOIN pg_catalog.pg_type AS t ON t.oid = own.atttypid
    LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = x.indcollation[k.n - 1]
    LEFT JOIN pg_catalog.pg_namespace AS ln ON ln.oid = l.collnamespace
) AS keys
CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(a.attname::text ORDER BY k.n), '{}') AS names
    FROM generate_series(x.indnkeyatts + 1, x.indnatts) AS k (n)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[k.n - 1]
) AS included
WHERE x.indrelid = ANY (%(oids)s::oid[])
ORDER BY x.indrelid, i.relname
