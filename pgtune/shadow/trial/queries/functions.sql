-- Functions of users, by name, and what their bodies say; the trigger functions of the tables as well.
SELECT p.proname AS name, p.oid::bigint AS oid, coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body
FROM pg_proc AS p
WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  AND p.prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('sql', 'plpgsql'))
  AND NOT EXISTS (
      SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  )
