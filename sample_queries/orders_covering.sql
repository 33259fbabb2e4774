-- What one user bought, by status. An index that also holds the columns asked for, orders (user_id)
-- INCLUDE (status, total), answers it without touching the table.
-- pgtune: trips seq-scan-discards
-- pgtune: param 1=42
SELECT status, total FROM orders WHERE user_id = $1
