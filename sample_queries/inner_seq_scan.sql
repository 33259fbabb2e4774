-- The orders of some users, fetched user by user (OFFSET 0 keeps the planner from joining in another
-- way): each time, the whole of orders is read.
-- pgtune: trips inner-seq-scan
SELECT u.email, theirs.id, theirs.total
FROM users u
CROSS JOIN LATERAL (SELECT o.id, o.total FROM orders o WHERE o.user_id = u.id OFFSET 0) AS theirs
WHERE u.id BETWEEN 100 AND 109
