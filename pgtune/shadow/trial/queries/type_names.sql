SELECT wanted.oid::bigint AS oid, wanted.modifier, format_type(wanted.oid, wanted.modifier) AS type,
       t.typcategory::text AS category
FROM unnest(%(oids)s::oid[], %(modifiers)s::int[]) AS wanted (oid, modifier)
JOIN pg_type AS t ON t.oid = wanted.oid
