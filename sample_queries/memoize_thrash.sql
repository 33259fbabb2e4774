-- The cache for users is too small for those who ordered: entries are thrown out before they are asked
-- for again.
-- pgtune: trips memoize-thrash
-- pgtune: set work_mem = '64kB'
SELECT count(buyer.email)
FROM orders o
CROSS JOIN LATERAL (SELECT u.email FROM users u WHERE u.id = o.user_id OFFSET 0) AS buyer
WHERE o.id <= 60000
