-- Tables by name: pages (of all partitions where there are), sample size of ANALYZE, keys known to be unique.
SELECT asked.name,
       c.oid::bigint AS oid,
       c.relkind = 'p' AS partitioned,
       (SELECT sum(pg_relation_size(leaf.oid)) / current_setting('block_size')::int
        FROM (SELECT relid::oid AS oid FROM pg_partition_tree(c.oid) WHERE isleaf
              UNION SELECT c.oid WHERE c.relkind <> 'p') AS leaf)::bigint AS blocks,
       (SELECT max(CASE WHEN a.attstattarget > 0 THEN a.attstattarget
                        ELSE current_setting('default_statistics_target')::int END)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0) AS statistics_target,
       EXISTS (SELECT FROM pg_statistic_ext AS e
               WHERE e.stxrelid = c.oid AND 'd' = ANY (e.stxkind)) AS has_combinations,
       (SELECT coalesce(json_agg(key.columns), '[]')
        FROM pg_index AS i,
             LATERAL (SELECT json_agg(a.attname) AS columns
                      FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number
                      WHERE k.position <= i.indnkeyatts) AS key
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
          AND 0 <> ALL (i.indkey::int2[])) AS unique_keys
FROM unnest(%(names)s::text[]) AS asked (name)
JOIN pg_class AS c ON c.oid = to_regclass(asked.name)
