-- What happened after the last VACUUM and ANALYZE; autovacuum is off, so nothing tidies it up.

-- One session in ten was seen again: the pages of the table are no longer known to be all-visible.
UPDATE sessions SET last_seen_at = last_seen_at + interval '1 day' WHERE id % 10 = 0;

-- December arrived: the planner still thinks that its partition is empty.
INSERT INTO events
SELECT i,
       1 + (49999 * uniform(i, 71) ^ 2)::integer,
       CASE WHEN uniform(i, 72) < 0.95 THEN 'view' WHEN uniform(i, 72) < 0.995 THEN 'cart' ELSE 'checkout' END,
       (1000 * uniform(i, 73))::integer,
       timestamptz '2024-12-01 00:00:00+00' + (i - 300000) * interval '26 seconds'
FROM generate_series(300000, 400000) AS i;
