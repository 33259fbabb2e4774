-- Sequences that the defaults of the tables use, and those of the named words; a start beyond drawn values.
SELECT DISTINCT
    format('%%I.%%I', n.nspname, c.relname) AS name,
    greatest(s.seqmin, least(s.seqmax - (s.seqmax - s.seqmin) / 2, 100001)) AS first
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_sequence AS s ON s.seqrelid = c.oid
WHERE c.relname = ANY (%(names)s)
   OR EXISTS (
       SELECT FROM pg_depend AS d
       WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY (%(oids)s::oid[])
   )
   OR EXISTS (
       SELECT FROM pg_attrdef AS f
       JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
       WHERE f.adrelid = ANY (%(oids)s::oid[])
         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
   )
ORDER BY 1
