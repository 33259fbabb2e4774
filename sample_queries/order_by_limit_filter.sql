-- The last ten orders of a good customer who left a year ago. The planner walks the index on created_at
-- backwards and expects to meet ten of his orders soon; it passes half of the table first.
-- pgtune: trips order-by-limit-filter
SELECT id, total, created_at
FROM orders
WHERE user_id = 3
ORDER BY created_at DESC
LIMIT 10
