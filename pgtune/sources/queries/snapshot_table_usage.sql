-- What was read and written of each table on this server.
SELECT s.schemaname AS schema,
       s.relname AS name,
       s.seq_scan AS seq_scans,
       COALESCE(s.idx_scan, 0) AS idx_scans,
       s.n_tup_ins AS inserted,
       s.n_tup_upd AS updated,
       s.n_tup_hot_upd AS hot_updated,
       s.n_tup_del AS deleted,
       s.n_live_tup AS live,
       s.n_dead_tup AS dead,
       s.n_mod_since_analyze AS modified_since_analyze,
       GREATEST(s.last_vacuum, s.last_autovacuum) AS last_vacuum,
       GREATEST(s.last_analyze, s.last_autoanalyze) AS last_analyze,
       c.relreplident::text AS replica_identity,
       (SELECT i.relname FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
        WHERE x.indrelid = s.relid AND x.indisreplident AND c.relreplident = 'i') AS replica_identity_index
FROM pg_catalog.pg_stat_user_tables AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.relid
WHERE s.schemaname !~ '^pg_'
ORDER BY s.schemaname, s.relname
