-- Sessions per day out of an index alone; but many rows were updated since the last VACUUM, so the table
-- is visited anyway.
-- pgtune: trips heap-fetches
SELECT date_trunc('day', started_at) AS day, count(*)
FROM sessions
WHERE started_at >= '2024-03-01' AND started_at < '2024-05-01'
GROUP BY day
