-- Names of functions of the server and its extensions that give another value at each call.
SELECT DISTINCT p.proname AS name
FROM pg_proc AS p
WHERE (p.provolatile = 'v' OR p.proname = 'statement_timestamp')
  AND p.prokind = 'f'
  AND (
      p.pronamespace = 'pg_catalog'::regnamespace
      OR EXISTS (
          SELECT FROM pg_depend AS d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
  )
