-- Overlapping sessions of the most active users. They all stand in one page of users, and a page goes to
-- one worker: the other has nothing to do.
-- pgtune: trips worker-skew
-- pgtune: set min_parallel_table_scan_size = 0
-- pgtune: set parallel_setup_cost = 0
-- pgtune: set parallel_leader_participation = off
SELECT count(*)
FROM users u
JOIN sessions s ON s.user_id = u.id
JOIN sessions t ON t.user_id = u.id AND t.started_at > s.started_at AND t.started_at < s.last_seen_at
WHERE u.id <= 80
