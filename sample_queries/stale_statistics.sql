-- December's events came after the last ANALYZE: the planner expects next to nothing and finds a hundred
-- thousand rows.
-- pgtune: trips stale-statistics
SELECT kind, count(*), sum(amount)
FROM events
WHERE occurred_at >= '2024-12-01' AND occurred_at < '2025-01-01'
GROUP BY kind
