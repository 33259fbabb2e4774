-- OR over columns of both tables: neither side can be filtered before the join.
-- pgtune: trips or-across-join
SELECT o.id, o.total
FROM orders o
JOIN users u ON u.id = o.user_id
WHERE o.id = 4711 OR u.email = 'user42@example.com'
