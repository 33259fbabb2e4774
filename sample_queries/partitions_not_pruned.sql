-- The checkouts of July. The partition key is wrapped in a function, so all twelve partitions are read.
-- pgtune: trips partitions-not-pruned
-- pgtune: set max_parallel_workers_per_gather = 0
SELECT sum(amount)
FROM events
WHERE date_trunc('month', occurred_at) = '2024-07-01' AND kind = 'checkout'
