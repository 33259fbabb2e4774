-- The pending orders and those of one country are spread over the whole table. The bitmap does not fit
-- in work_mem, so it keeps pages instead of rows, and every row of those pages is checked again.
-- pgtune: trips lossy-bitmap
-- pgtune: set work_mem = '64kB'
-- pgtune: set max_parallel_workers_per_gather = 0
SELECT sum(total) FROM orders WHERE status = 'pending' OR country = 'country 25'
