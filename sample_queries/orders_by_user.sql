-- The orders of one user. No index begins with user_id, so the whole table is read for a few hundred
-- rows.
-- pgtune: trips seq-scan-discards
-- pgtune: param 1=42
SELECT * FROM orders WHERE user_id = $1
