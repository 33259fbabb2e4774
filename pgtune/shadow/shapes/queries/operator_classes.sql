-- B-tree operator classes with their support function "equalimage".
SELECT o.opcname AS name, p.amproc::text AS equal_image
FROM pg_opclass AS o
JOIN pg_amproc AS p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 4
                   AND p.amproclefttype = o.opcintype AND p.amprocrighttype = o.opcintype
WHERE o.opcmethod = (SELECT oid FROM pg_am WHERE amname = 'btree')
