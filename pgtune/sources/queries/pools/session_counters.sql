-- Totals of all databases; 14 and later.
SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS taken_at_s,
       EXTRACT(epoch FROM max(d.stats_reset))::float8 AS reset_at_s,
       sum(d.session_time)::float8 AS session_time_ms,
       sum(d.active_time)::float8 AS active_time_ms,
       sum(d.idle_in_transaction_time)::float8 AS idle_in_transaction_time_ms,
       sum(d.sessions)::bigint AS sessions,
       sum(d.sessions_abandoned)::bigint AS abandoned,
       sum(d.sessions_fatal)::bigint AS fatal,
       sum(d.sessions_killed)::bigint AS killed,
       sum(d.xact_commit + d.xact_rollback)::bigint AS transactions
FROM pg_catalog.pg_stat_database AS d
