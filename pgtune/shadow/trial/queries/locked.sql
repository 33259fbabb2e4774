-- Relations of users that a session has locked: those of the statement that it parsed, through views.
SELECT DISTINCT c.oid::bigint AS oid, c.relkind::text AS kind, l.mode = 'RowExclusiveLock' AS is_written
FROM pg_locks AS l
JOIN pg_class AS c ON c.oid = l.relation
WHERE l.pid = %(pid)s
  AND l.locktype = 'relation'
  AND l.granted
  AND c.relkind IN ('r', 'p', 'v')
  AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
