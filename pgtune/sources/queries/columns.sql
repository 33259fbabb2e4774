-- Columns in table order. pg_stats hides what the role may not read, so that statistics are missing then.
-- Statistics of a whole partition tree (inherited) count for a partitioned table, its own rows otherwise.
-- Of a domain the type below it, whose operators are used and which plans cast to.
SELECT a.attrelid AS relation_oid,
       a.attname AS name,
       pg_catalog.format_type(COALESCE(d.oid, a.atttypid), COALESCE(d.typmod, a.atttypmod)) AS type,
       a.attnotnull AS not_null,
       s.n_distinct::float8 AS n_distinct,
       s.avg_width,
       s.null_frac::float8 AS null_fraction,
       s.correlation::float8 AS correlation,
       pg_catalog.pg_get_expr(v.adbin, v.adrelid) AS default,
       a.attgenerated::text AS generated,
       a.attidentity::text AS identity,
       d.oid IS NOT NULL AS is_domain,
       -- Collation provider: b builtin, c libc, i ICU, d the database's. datlocprovider: 15 and later.
       CASE l.collprovider
           WHEN 'b' THEN true
           WHEN 'c' THEN l.collcollate IN ('C', 'POSIX')
           WHEN 'd' THEN CASE COALESCE(pg_catalog.to_jsonb(db) ->> 'datlocprovider', 'c')
                             WHEN 'b' THEN true
                             WHEN 'c' THEN db.datcollate IN ('C', 'POSIX')
                             ELSE false END
           WHEN 'i' THEN false
       END AS sorts_by_bytes,
       COALESCE(NOT l.collisdeterministic, false) AS is_nondeterministic
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    WITH RECURSIVE below (depth, oid, typmod) AS (
        SELECT 1, t.typbasetype, t.typtypmod
        FROM pg_catalog.pg_type AS t
        WHERE t.oid = a.atttypid AND t.typtype = 'd'
        UNION ALL
        SELECT b.depth + 1, t.typbasetype, t.typtypmod
        FROM below AS b
        JOIN pg_catalog.pg_type AS t ON t.oid = b.oid AND t.typtype = 'd'
    )
    SELECT b.oid, b.typmod FROM below AS b ORDER BY b.depth DESC LIMIT 1
) AS d ON true
JOIN pg_catalog.pg_database AS db ON db.datname = pg_catalog.current_database()
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_attrdef AS v ON v.adrelid = a.attrelid AND v.adnum = a.attnum
LEFT JOIN pg_catalog.pg_stats AS s
       ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
      AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
