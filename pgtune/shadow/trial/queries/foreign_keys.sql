SELECT
    k.conrelid::bigint AS relation_oid,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.conkey) WITH ORDINALITY AS c (number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = c.number
        ORDER BY c.place
    ) AS columns,
    k.confrelid::bigint AS referenced_oid,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(k.confkey) WITH ORDINALITY AS c (number, place)
        JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = c.number
        ORDER BY c.place
    ) AS referenced_columns
FROM pg_constraint AS k
WHERE k.conrelid = ANY (%(oids)s::oid[]) AND k.contype = 'f' AND k.conparentid = 0
ORDER BY k.conrelid, k.conname
