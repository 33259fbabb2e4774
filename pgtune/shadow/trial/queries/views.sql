-- Tables below each view, through other views.
WITH RECURSIVE below AS (
    SELECT r.ev_class AS view, d.refobjid AS oid
    FROM pg_rewrite AS r
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE r.ev_class = ANY (%(oids)s::oid[])
      AND d.refclassid = 'pg_class'::regclass
      AND d.refobjid <> r.ev_class
    UNION
    SELECT b.view, d.refobjid
    FROM below AS b
    JOIN pg_rewrite AS r ON r.ev_class = b.oid
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
)
SELECT vn.nspname AS schema, v.relname AS name, tn.nspname AS table_schema, t.relname AS table_name
FROM below AS b
JOIN pg_class AS v ON v.oid = b.view
JOIN pg_namespace AS vn ON vn.oid = v.relnamespace
JOIN pg_class AS t ON t.oid = b.oid AND t.relkind IN ('r', 'p')
JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
ORDER BY 1, 2, 3, 4
