-- What one user spent, by status. An index on user_id that also holds status and total, orders (user_id)
-- INCLUDE (status, total), answers it without touching the table.
-- pgtune: trips seq-scan-discards
-- pgtune: param 1=42
SELECT status, sum(total) FROM orders WHERE user_id = $1 GROUP BY status
