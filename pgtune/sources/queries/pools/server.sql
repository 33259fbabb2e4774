-- Who asks whom; a role sees its own session whatever its privileges.
SELECT current_user::text AS role,
       pg_catalog.current_database()::text AS database,
       pg_catalog.pg_backend_pid() AS backend_pid,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all_sessions,
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS may_identify,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::float8 AS backend_age_s
FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a
