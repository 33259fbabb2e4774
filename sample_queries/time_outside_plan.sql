-- The plan finds the rows; storing them in the new table is no part of it, and takes longer. A write: it
-- runs (and is rolled back) only with --allow-writes.
-- pgtune: trips time-outside-plan
-- pgtune: needs allow-writes
CREATE TEMPORARY TABLE recent_orders AS
SELECT * FROM orders WHERE created_at >= '2024-01-01'
