-- All orders of half a year by total: the sort does not fit in work_mem.
-- pgtune: trips disk-sort
SELECT id, user_id, status, total, created_at
FROM orders
WHERE created_at >= '2024-07-01'
ORDER BY total DESC, id
