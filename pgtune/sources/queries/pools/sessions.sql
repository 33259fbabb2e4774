-- Client backends but our own. Walsenders take slots of max_wal_senders, background processes none.
WITH writing AS (
    SELECT DISTINCT l.pid
    FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'relation' AND l.granted
      AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
                     'ExclusiveLock', 'AccessExclusiveLock')
)
SELECT a.pid,
       COALESCE(a.usename::text, '') AS role,
       COALESCE(a.datname::text, '') AS database,
       COALESCE(a.application_name, '') AS application_name,
       pg_catalog.host(a.client_addr) AS client_address,
       a.state,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::float8 AS age_s,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::float8 AS state_age_s,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 AS transaction_age_s,
       a.wait_event_type AS waits_for,
       w.pid IS NOT NULL AS holds_locks,
       COALESCE(r.rolsuper, false) AS is_superuser
FROM pg_catalog.pg_stat_activity AS a
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.usesysid
LEFT JOIN writing AS w ON w.pid = a.pid
WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()
ORDER BY a.pid
