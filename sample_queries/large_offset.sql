-- Page 20,001: the pages before it are read and thrown away.
-- pgtune: trips large-offset
SELECT id, user_id, total
FROM orders
ORDER BY id
LIMIT 20 OFFSET 400000
