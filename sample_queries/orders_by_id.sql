-- One order by its primary key: nothing is wrong with it.
-- pgtune: trips none
-- pgtune: param 1=4711
SELECT id, status, total FROM orders WHERE id = $1
