-- reset_val, not setting: over TCP the setting of a keepalive is the operating system's, over a socket 0.
SELECT s.name, s.reset_val AS value, s.boot_val, s.unit, s.source
FROM pg_catalog.pg_settings AS s
WHERE s.name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections',
                 'shared_buffers', 'work_mem', 'hash_mem_multiplier', 'maintenance_work_mem',
                 'autovacuum_work_mem', 'autovacuum_max_workers', 'max_parallel_workers',
                 'max_parallel_workers_per_gather',
                 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout',
                 'client_connection_check_interval',
                 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
                 'idle_session_timeout', 'transaction_timeout')
