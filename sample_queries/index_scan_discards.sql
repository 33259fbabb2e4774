-- One user's orders in a month. The index on created_at finds the month, and nearly all of its rows are
-- thrown away.
-- pgtune: trips index-scan-discards
SELECT id, total
FROM orders
WHERE created_at >= '2024-03-01' AND created_at < '2024-04-01' AND user_id = 42
