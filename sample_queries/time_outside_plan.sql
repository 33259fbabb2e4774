-- The plan finds the rows; storing them in the new table is no part of it, and takes longer.
-- pgtune: trips time-outside-plan
CREATE TEMPORARY TABLE recent_orders AS
SELECT * FROM orders WHERE created_at >= '2024-01-01'
