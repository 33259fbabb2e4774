-- Columns of tables with what ANALYZE found in them; values as text.
SELECT a.attrelid::bigint AS relation_oid,
       a.attname AS name,
       a.atttypid::bigint AS type_oid,
       format_type(a.atttypid, a.atttypmod) AS type_name,
       coalesce(l.collisdeterministic, true) AS deterministic,
       s.null_frac::float8 AS null_fraction,
       s.avg_width,
       s.n_distinct::float8 AS n_distinct,
       s.correlation::float8 AS correlation,
       s.most_common_vals::text::text[] AS common,
       s.most_common_freqs::float8[] AS common_frequencies,
       s.histogram_bounds::text::text[] AS bounds,
       s.most_common_elems::text::text[] AS elements,
       s.most_common_elem_freqs::float8[] AS element_frequencies,
       s.elem_count_histogram::float8[] AS element_counts
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
                       AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
