-- NOT IN with a list that does not fit in work_mem: it cannot be hashed and is searched from its start
-- for every row.
-- pgtune: trips subplan-not-hashed
-- pgtune: set work_mem = '64kB'
SELECT count(*)
FROM products
WHERE category_id = 1 AND id NOT IN (SELECT id FROM products WHERE NOT discontinued AND category_id > 1)
