-- Foreign keys of the relations and to them; `indexed` concerns the side that holds the key.
SELECT k.conrelid AS relation_oid,
       k.confrelid AS referenced_oid,
       k.conname AS name,
       n.nspname AS schema,
       c.relname AS relation,
       rn.nspname AS referenced_schema,
       r.relname AS referenced,
       (SELECT array_agg(a.attname::text ORDER BY u.n)
        FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, n)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY u.n)
        FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, n)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) AS referenced_columns,
       EXISTS (SELECT FROM pg_catalog.pg_index AS x
               WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL
                 AND x.indnkeyatts >= cardinality(k.conkey)
                 -- indkey counts from 0
                 AND k.conkey <@ (x.indkey::int2[])[0:cardinality(k.conkey) - 1]) AS indexed,
       -- conenforced: 18 and later
       k.convalidated AND COALESCE((pg_catalog.to_jsonb(k) ->> 'conenforced')::bool, true) AS validated,
       k.condeferrable AS deferrable
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
WHERE k.contype = 'f' AND (k.conrelid = ANY (%(oids)s::oid[]) OR k.confrelid = ANY (%(oids)s::oid[]))
ORDER BY c.relname, k.conname
