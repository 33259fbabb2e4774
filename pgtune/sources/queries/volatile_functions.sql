-- Names under which some function may return another result, or have an effect, each time it is called.
SELECT DISTINCT p.proname::text AS name FROM pg_catalog.pg_proc AS p WHERE p.provolatile = 'v'
