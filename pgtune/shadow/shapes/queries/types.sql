-- Types, and the support function "equalimage" of the default B-tree operator class of each: that of the type
-- itself, of a type that it can be read as without change, or of all enums.
SELECT t.oid::bigint AS oid,
       format_type(t.oid, NULL) AS name,
       t.typlen AS length,
       t.typalign::text AS align,
       element.typlen AS element_length,
       element.typalign::text AS element_align,
       (SELECT p.amproc::text
        FROM pg_opclass AS o
        LEFT JOIN pg_amproc AS p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 4
                                AND p.amproclefttype = o.opcintype AND p.amprocrighttype = o.opcintype
        WHERE o.opcdefault AND o.opcmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')
          AND (o.opcintype = b.oid OR (b.typtype = 'e' AND o.opcintype = 'anyenum'::regtype)
               OR o.opcintype IN (SELECT casttarget FROM pg_cast
                                  WHERE castsource = b.oid AND castmethod = 'b' AND castcontext = 'i'))
        ORDER BY o.opcintype = b.oid DESC, o.opcintype = 'text'::regtype DESC
        LIMIT 1) AS equal_image
FROM pg_type AS t
JOIN pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
LEFT JOIN pg_type AS element ON element.oid = b.typelem AND b.typlen = -1
WHERE t.oid = ANY (%(oids)s::oid[])
