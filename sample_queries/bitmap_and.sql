-- Two indexes are read and their results intersected; one index on both columns would find the rows at
-- once.
-- pgtune: trips bitmap-and
SELECT sum(total) FROM orders WHERE status = 'pending' AND country = 'country 20'
