-- Statements of this database, added up over users and levels; a hidden one has no queryid.
-- {schema} is the extension's; {times} are the columns that hold its milliseconds, added up.
SELECT s.queryid AS query_id,
       min(s.query) AS text,
       sum(s.calls)::bigint AS calls,
       sum({times})::float8 AS total_ms,
       sum(s.rows)::bigint AS rows
FROM {schema}.pg_stat_statements AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
WHERE d.datname = pg_catalog.current_database()
GROUP BY s.queryid
ORDER BY total_ms DESC, s.queryid
