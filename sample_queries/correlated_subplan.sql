-- The number of orders of each user in a list: the subquery reads orders once for every user.
-- pgtune: trips correlated-subplan
SELECT u.email, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders
FROM users u
WHERE u.id BETWEEN 100 AND 109
