-- The best order of some users. For each of them the whole of orders is read again.
-- pgtune: trips inner-seq-scan
SELECT u.email, best.total
FROM users u
CROSS JOIN LATERAL (SELECT max(o.total) AS total FROM orders o WHERE o.user_id = u.id) AS best
WHERE u.id BETWEEN 100 AND 109
