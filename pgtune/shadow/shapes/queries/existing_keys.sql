-- Key columns of all B-trees, in key order. What an expression computes has statistics under the index's name.
SELECT i.indexrelid::bigint AS index_oid,
       a.atttypid::bigint AS type_oid,
       coalesce(l.collisdeterministic, true) AS deterministic,
       s.null_frac::float8 AS null_fraction,
       s.avg_width,
       s.n_distinct::float8 AS n_distinct,
       s.correlation::float8 AS correlation,
       greatest(t.reltuples, 0)::float8 AS rows,
       i.indisunique AND i.indnkeyatts = 1 AS is_unique
FROM pg_index AS i
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_class AS t ON t.oid = i.indrelid
JOIN pg_namespace AS n ON n.oid = t.relnamespace
JOIN pg_attribute AS a ON a.attrelid = i.indexrelid AND a.attnum <= i.indnkeyatts
LEFT JOIN pg_attribute AS c ON c.attrelid = i.indrelid AND c.attnum = i.indkey[a.attnum - 1] AND c.attnum > 0
LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_stats AS s
       ON s.schemaname = n.nspname AND NOT s.inherited
      AND s.tablename = CASE WHEN c.attnum IS NULL THEN x.relname ELSE t.relname END
      AND s.attname = coalesce(c.attname, a.attname)
WHERE x.relam = (SELECT oid FROM pg_am WHERE amname = 'btree') AND x.relkind = 'i'
  AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
ORDER BY i.indexrelid, a.attnum
