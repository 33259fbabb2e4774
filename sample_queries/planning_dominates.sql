-- Twelve tables joined for one row: choosing the order of the joins takes far longer than the query.
-- pgtune: trips planning-dominates
-- pgtune: set join_collapse_limit = 12
-- pgtune: set geqo = off
SELECT o.id, u.email
FROM orders o
JOIN users u ON u.id = o.user_id
JOIN order_items i1 ON i1.order_id = o.id
JOIN products p1 ON p1.id = i1.product_id
JOIN order_items i2 ON i2.order_id = o.id
JOIN products p2 ON p2.id = i2.product_id
JOIN order_items i3 ON i3.order_id = i2.order_id
JOIN products p3 ON p3.id = i3.product_id
JOIN orders o2 ON o2.id = i3.order_id
JOIN users u2 ON u2.id = o2.user_id
JOIN order_items i4 ON i4.order_id = o2.id
JOIN products p4 ON p4.id = i4.product_id
WHERE o.id = 4712 AND p1.id = p2.id AND p2.id = p3.id
