-- Settings that shape plans or what EXPLAIN measures; those that the version does not know are left out.
SELECT s.name, pg_catalog.current_setting(s.name) AS value
FROM pg_catalog.pg_settings AS s
WHERE s.category LIKE 'Query Tuning%%'
   OR s.name IN ('work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'shared_buffers', 'temp_buffers',
                 'track_io_timing', 'track_counts', 'autovacuum', 'max_connections', 'max_parallel_workers',
                 'max_parallel_workers_per_gather', 'max_worker_processes', 'effective_io_concurrency', 'block_size',
                 'search_path', 'data_checksums', 'io_method')
