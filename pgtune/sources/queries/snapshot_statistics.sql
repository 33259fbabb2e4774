-- What ANALYZE found for each column and index expression that the role may see; values stay array literals.
WITH RECURSIVE domain AS (
    SELECT t.oid AS type, t.oid AS base, t.typbasetype AS next FROM pg_catalog.pg_type AS t
    UNION ALL
    SELECT d.type, t.oid, t.typbasetype FROM domain AS d JOIN pg_catalog.pg_type AS t ON t.oid = d.next
)
SELECT s.schemaname AS schema,
       s.tablename AS name,
       s.attname AS "column",
       s.inherited,
       s.null_frac AS null_fraction,
       s.avg_width,
       s.n_distinct,
       s.most_common_vals::text AS most_common_values,
       s.most_common_freqs AS most_common_frequencies,
       s.histogram_bounds::text AS histogram_bounds,
       s.correlation,
       s.most_common_elems::text AS most_common_elements,
       s.most_common_elem_freqs AS most_common_element_frequencies,
       s.elem_count_histogram AS element_count_histogram,
       s.range_length_histogram::text AS range_length_histogram, -- 17+
       s.range_empty_frac AS range_empty_fraction, -- 17+
       s.range_bounds_histogram::text AS range_bounds_histogram, -- 17+
       pg_catalog.format_type(b.oid, NULL) AS type,
       COALESCE(e.typcategory, b.typcategory)::text AS type_category
FROM pg_catalog.pg_stats AS s
JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = s.attname
JOIN domain AS d ON d.type = a.atttypid AND d.next = 0
JOIN pg_catalog.pg_type AS b ON b.oid = d.base
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = b.typelem AND b.typcategory = 'A'
WHERE s.schemaname !~ '^pg_' AND s.schemaname <> 'information_schema'
ORDER BY s.schemaname, s.tablename, a.attnum, s.inherited
