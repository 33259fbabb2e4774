-- How often each index was scanned on this server.
SELECT s.schemaname AS schema,
       s.indexrelname AS name,
       s.relname AS "table",
       s.idx_scan AS scans,
       s.last_idx_scan AS last_scan, -- 16+
       NULL AS last_scan, -- <16
       COALESCE(pg_catalog.pg_relation_size(s.indexrelid), 0) AS size_bytes
FROM pg_catalog.pg_stat_user_indexes AS s
WHERE s.schemaname !~ '^pg_'
ORDER BY s.schemaname, s.indexrelname
