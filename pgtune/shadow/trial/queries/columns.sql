-- Columns of the tables in their order; of a domain, the type and the conditions below it.
WITH RECURSIVE domains AS (
    SELECT t.oid AS top, t.typbasetype AS oid, t.typtypmod AS modifier, t.typnotnull AS not_null, t.oid AS checked
    FROM pg_type AS t
    WHERE t.typtype = 'd'
    UNION ALL
    SELECT
        d.top,
        t.typbasetype,
        CASE WHEN d.modifier = -1 THEN t.typtypmod ELSE d.modifier END,
        d.not_null OR t.typnotnull,
        t.oid
    FROM domains AS d
    JOIN pg_type AS t ON t.oid = d.oid AND t.typtype = 'd'
), resolved AS (
    SELECT d.top, d.oid, d.modifier, d.not_null
    FROM domains AS d
    JOIN pg_type AS t ON t.oid = d.oid AND t.typtype <> 'd'
)
SELECT
    a.attrelid::bigint AS relation_oid,
    a.attname AS name,
    format_type(t.oid, coalesce(r.modifier, a.atttypmod)) AS type,
    t.typcategory::text AS category,
    a.attnotnull OR coalesce(r.not_null, false) AS not_null,
    ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
        AS enum_labels,
    a.attgenerated <> '' AS is_generated,
    a.attidentity = 'a' AS is_identity_always,
    a.attidentity <> '' AS is_identity,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(f.adbin, f.adrelid) END AS default,
    ARRAY(
        SELECT pg_get_expr(k.conbin, 0)
        FROM domains AS d
        JOIN pg_constraint AS k ON k.contypid = d.checked AND k.contype = 'c'
        WHERE d.top = a.atttypid
        ORDER BY k.oid
    ) AS checks
FROM pg_attribute AS a
LEFT JOIN resolved AS r ON r.top = a.atttypid
JOIN pg_type AS t ON t.oid = coalesce(r.oid, a.atttypid)
LEFT JOIN pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = ANY (%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
