-- Types as the server prints them; of a domain the type below it, which values are known of.
WITH RECURSIVE resolved AS (
    SELECT wanted.oid AS wanted_oid, wanted.modifier AS wanted_modifier, wanted.oid, wanted.modifier
    FROM unnest(%(oids)s::oid[], %(modifiers)s::int[]) AS wanted (oid, modifier)
    UNION ALL
    SELECT
        r.wanted_oid,
        r.wanted_modifier,
        t.typbasetype,
        CASE WHEN r.modifier = -1 THEN t.typtypmod ELSE r.modifier END
    FROM resolved AS r
    JOIN pg_type AS t ON t.oid = r.oid AND t.typtype = 'd'
)
SELECT
    r.wanted_oid::bigint AS oid,
    r.wanted_modifier AS modifier,
    format_type(r.oid, r.modifier) AS type,
    t.typcategory::text AS category,
    ARRAY(
        SELECT e.enumlabel::text
        FROM pg_enum AS e
        WHERE e.enumtypid IN (t.oid, t.typelem)
        ORDER BY e.enumsortorder
    ) AS enum_labels
FROM resolved AS r
JOIN pg_type AS t ON t.oid = r.oid AND t.typtype <> 'd'
