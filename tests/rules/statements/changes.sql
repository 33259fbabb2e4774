INSERT INTO countries VALUES (1, 'de', 'Germany'), (2, 'fr', 'France');
INSERT INTO stock DEFAULT VALUES;
INSERT INTO stock AS s (sku, amount) VALUES ('a', DEFAULT) ON CONFLICT DO NOTHING;
INSERT INTO stock AS s (sku, amount) VALUES ('a', 1), ('b', 2)
ON CONFLICT (sku) DO UPDATE SET (amount, changed) = (s.amount + EXCLUDED.amount, LOCALTIMESTAMP) WHERE coalesce(s.amount, 0) >= 0
RETURNING sku, amount;
INSERT INTO archive (sku) VALUES ('a') ON CONFLICT (lower(sku)) DO NOTHING;
INSERT INTO stock VALUES ('c') ON CONFLICT ON CONSTRAINT stock_pkey DO NOTHING RETURNING *;
INSERT INTO events (id, kind, day) OVERRIDING SYSTEM VALUE SELECT id, status, placed_on FROM orders WHERE placed_on + 1 > '2024-01-01';
INSERT INTO archive (id, amount) OVERRIDING USER VALUE VALUES (1, 2);
INSERT INTO blocked SELECT DISTINCT u.id, u.email FROM users u JOIN orders o ON o.user_id = u.id WHERE o.total > 5;
INSERT INTO blocked (user_id) SELECT o.user_id FROM orders o JOIN users u ON u.id = o.user_id WHERE o.discount = 1 OR u.age = 2;
INSERT INTO blocked TABLE active_users;
WITH gone AS (DELETE FROM blocked WHERE user_id NOT IN (SELECT id FROM users) RETURNING user_id) INSERT INTO blocked_emails SELECT user_id::text FROM gone WHERE user_id IS NOT NULL;
WITH moved AS (UPDATE stock SET amount = 0 RETURNING sku), added AS (INSERT INTO archive (sku) SELECT sku FROM moved RETURNING id)
SELECT (SELECT count(*) FROM moved) > 0 AS some, count(*) FROM added;
UPDATE users SET age = age + 1, name = DEFAULT WHERE id = 3;
UPDATE ONLY animals AS a SET legs = 4 WHERE a.legs + 1 = 5;
UPDATE orders o SET (status, discount) = (SELECT 'x', c.percent FROM coupons c WHERE c.id = o.coupon_id) WHERE o.created_at::date = '2024-01-31';
UPDATE orders SET total = total * 2 FROM users u LEFT JOIN countries c ON c.id = u.country_id WHERE u.id = orders.user_id AND coalesce(c.id, 0) = 0;
UPDATE stock SET amount = amount + 1 WHERE sku = 'a' RETURNING OLD.amount, NEW.amount AS after, (SELECT count(*) FROM archive) = 0;
UPDATE stock SET amount = 1 RETURNING WITH (OLD AS before, NEW AS later) before.amount, later.amount;
UPDATE bookings SET labels[2] = 'x', home.city = 'Y' WHERE id IN (VALUES (1), (2));
UPDATE users SET score = (SELECT count(*) FROM orders o WHERE o.user_id = users.id) WHERE (SELECT count(*) FROM orders o WHERE o.user_id = users.id) > 0;
DELETE FROM blocked WHERE user_id = 1 OR user_id = 2 OR reason = 'x';
DELETE FROM order_items i USING orders o, users u WHERE o.id = i.order_id AND u.id = o.user_id AND u.age - 1 > 30 RETURNING i.*, old.quantity;
DELETE FROM tickets WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = owner_id) AND closed_at IS NULL;
DELETE FROM ONLY dogs;
MERGE INTO stock AS s USING (SELECT sku, count(*)::integer AS n FROM products GROUP BY sku) AS p ON s.sku = p.sku
WHEN MATCHED AND p.n = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET amount = s.amount + p.n
WHEN NOT MATCHED THEN INSERT (sku, amount) VALUES (p.sku, p.n);
MERGE INTO stock s USING archive a ON a.sku = s.sku AND a.amount + 1 > 2
WHEN NOT MATCHED BY SOURCE AND s.amount::text = '0' THEN DELETE
WHEN NOT MATCHED BY TARGET THEN DO NOTHING
RETURNING merge_action(), s.*;
MERGE INTO users u USING (SELECT DISTINCT o.user_id, o.id FROM orders o JOIN coupons c ON c.id = o.coupon_id) s ON s.user_id = u.id WHEN MATCHED THEN UPDATE SET age = 1;
UPDATE users SET age = 1 WHERE CURRENT OF c;
