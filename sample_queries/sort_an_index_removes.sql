-- The twenty dearest orders: all are read and sorted, where an index on total would hand out the first
-- twenty.
-- pgtune: trips sort-an-index-removes
SELECT id, user_id, total
FROM orders
ORDER BY total DESC
LIMIT 20
