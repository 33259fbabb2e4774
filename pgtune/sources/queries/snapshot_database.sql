-- One row about the database, the server and the role. Marks as "-- 15+" say which majors have the line.
SELECT pg_catalog.current_database() AS database,
       current_user AS role,
       pg_catalog.pg_backend_pid() AS backend_pid,
       pg_catalog.current_setting('is_superuser') = 'on' AS is_superuser,
       pg_catalog.current_setting('block_size') AS block_size,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       (SELECT s.stats_reset FROM pg_catalog.pg_stat_database AS s WHERE s.datid = d.oid) AS counted_since,
       -- Without pg_read_all_stats all but the number of senders is hidden; base backups and subscribers are senders too.
       (SELECT CASE WHEN count(*) = 0 OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
                    THEN count(*) FILTER (WHERE r.state <> 'backup' AND NOT EXISTS (
                        SELECT FROM pg_catalog.pg_replication_slots AS l
                        WHERE l.active_pid = r.pid AND l.slot_type = 'logical')) END
        FROM pg_catalog.pg_stat_replication AS r) AS standbys,
       d.datlocprovider::text AS provider, -- 15+
       d.daticulocale AS locale, -- 15-16
       d.datlocale AS locale, -- 17+
       d.daticurules AS icu_rules, -- 16+
       d.datcollate::text AS "collate",
       d.datctype::text AS ctype,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding
FROM pg_catalog.pg_database AS d
WHERE d.datname = pg_catalog.current_database()
