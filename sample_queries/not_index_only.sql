-- The totals of one country: the index finds the rows, spread over nearly all pages of the table, which
-- are read for one column.
-- pgtune: trips not-index-only
SELECT total
FROM orders
WHERE country = 'country 25'
