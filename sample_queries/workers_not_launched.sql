-- Two workers are planned and none is free.
-- pgtune: trips workers-not-launched
-- pgtune: set max_parallel_workers = 0
SELECT count(*) FROM orders WHERE total > 400
