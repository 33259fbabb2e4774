-- The hash table of users does not fit in work_mem: both sides of the join are written to disk in
-- batches.
-- pgtune: trips hash-batches
-- pgtune: set work_mem = '256kB'
SELECT u.country, count(*)
FROM orders o
JOIN users u ON u.id = o.user_id
GROUP BY u.country
