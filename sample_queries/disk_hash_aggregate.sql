-- One group per user: the hash table does not fit in work_mem and is written out in parts.
-- pgtune: trips disk-hash-aggregate
-- pgtune: set work_mem = '1MB'
SELECT user_id, count(*), sum(total)
FROM orders
GROUP BY user_id
