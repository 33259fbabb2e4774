-- The turnover of some weeks: the index finds the rows, the table is read only for total.
-- pgtune: trips not-index-only
SELECT sum(total)
FROM orders
WHERE created_at >= '2024-03-01' AND created_at < '2024-05-01'
