-- Settings that shape plans or how values are written; those that the version does not know are left out.
SELECT s.name, pg_catalog.current_setting(s.name) AS value
FROM pg_catalog.pg_settings AS s
WHERE s.category LIKE 'Query Tuning%%'
   OR s.name LIKE 'jit%%'
   OR s.name LIKE 'max_parallel_%%'
   OR s.name IN ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'shared_buffers', 'temp_buffers',
                 'effective_io_concurrency', 'maintenance_io_concurrency', 'max_worker_processes', 'block_size',
                 'autovacuum', 'track_counts', 'track_io_timing', 'io_method', 'data_checksums',
                 'default_statistics_target', 'TimeZone', 'DateStyle', 'IntervalStyle', 'transform_null_equals',
                 'xmloption', 'standard_conforming_strings', 'array_nulls', 'default_text_search_config')
UNION ALL
-- "$user" is resolved, schemas that do not exist are gone
SELECT 'search_path', COALESCE(pg_catalog.string_agg(pg_catalog.quote_ident(p.schema), ', ' ORDER BY p.n), '')
FROM unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (schema, n)
