SELECT DISTINCT p.proname AS name
FROM pg_trigger AS t
JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = ANY (%(oids)s::oid[]) AND NOT t.tgisinternal
