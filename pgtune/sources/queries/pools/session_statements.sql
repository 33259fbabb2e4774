-- Statements that may lean on their session, of all databases; {schema} is the extension's. The words are only
-- a sieve: what they are in the statement is looked at afterwards.
SELECT s.queryid AS query_id,
       min(s.query) AS text,
       sum(s.calls)::bigint AS calls,
       COALESCE(r.rolname::text, '') AS role
FROM {schema}.pg_stat_statements AS s
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
WHERE s.queryid IS NOT NULL
  AND s.query ~* '^\s*(/\*.*?\*/\s*)?(set|listen|prepare|declare)\M|\m(temp|temporary|pg_advisory_lock|pg_advisory_lock_shared|pg_try_advisory_lock|pg_try_advisory_lock_shared|currval|lastval)\M'
GROUP BY s.queryid, r.rolname
ORDER BY calls DESC, s.queryid
