-- What ANALYZE found for CREATE STATISTICS; MCV lists have no input form and are left out.
SELECT s.statistics_schemaname AS schema,
       s.statistics_name AS name,
       s.inherited, -- 15+
       false AS inherited, -- <15
       s.n_distinct::text AS n_distinct,
       s.dependencies::text AS dependencies
FROM pg_catalog.pg_stats_ext AS s
WHERE s.n_distinct IS NOT NULL OR s.dependencies IS NOT NULL
ORDER BY 1, 2, 3
