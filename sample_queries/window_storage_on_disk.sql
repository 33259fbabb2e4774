-- Each order's share of the year: the window holds all rows, which do not fit in work_mem.
-- pgtune: trips window-storage-on-disk
SELECT id, total / sum(total) OVER () AS share
FROM orders
WHERE created_at >= '2024-01-01'
