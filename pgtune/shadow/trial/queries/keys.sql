-- Unique and exclusion indexes; columns is null where a key is no plain column, or the index is partial.
SELECT
    x.indrelid::bigint AS relation_oid,
    CASE
        WHEN x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL THEN ARRAY(
            SELECT a.attname::text
            FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute AS a ON a.attrelid = x.indrelid AND a.attnum = k.number
            WHERE k.place <= x.indnkeyatts
            ORDER BY k.place
        )
    END AS columns,
    NOT x.indimmediate AS is_deferrable
FROM pg_index AS x
WHERE x.indrelid = ANY (%(oids)s::oid[]) AND (x.indisunique OR x.indisexclusion) AND x.indisvalid
ORDER BY x.indrelid, x.indisprimary DESC, x.indexrelid
