SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id;
SELECT o.id, u.id FROM orders AS o INNER JOIN users AS u ON o.user_id = u.id WHERE o.total > 900 OR u.email = 'a';
SELECT * FROM users CROSS JOIN countries;
SELECT id, name, code FROM users NATURAL LEFT JOIN (SELECT id, code FROM countries) c;
SELECT name FROM users JOIN employees USING (id, name);
SELECT j.id FROM users JOIN employees USING (id) AS j WHERE j.id > 1;
SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.status IS NULL;
SELECT u.id, c.name FROM countries c RIGHT OUTER JOIN users u ON u.country_id = c.id WHERE c.code IS NULL;
SELECT u.id, b.reason FROM users u FULL JOIN blocked b ON b.user_id = u.id;
SELECT u.id FROM users u LEFT JOIN orders o JOIN products p ON p.id = o.coupon_id ON o.user_id = u.id WHERE p.id NOT IN (SELECT product_id FROM order_items);
SELECT u.id FROM users u LEFT JOIN (orders o JOIN order_items i ON i.order_id = o.id) ON o.user_id = u.id WHERE coalesce(i.quantity, 0) = 0;
SELECT u.id, l.total FROM users u, LATERAL (SELECT total FROM orders o WHERE o.user_id = u.id ORDER BY total DESC, id LIMIT 2) l;
SELECT u.id, l.n FROM users u LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.user_id = u.id) AS l ON true WHERE l.n > 0;
SELECT g FROM generate_series(1, 3) AS g WHERE g + 1 > 2;
SELECT d, n FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS t (d, n);
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['x'])) WITH ORDINALITY AS r (a, b, n);
SELECT * FROM json_to_recordset('[{"a": 1, "b": "x"}]') AS t (a integer, b text);
SELECT id, generate_series(1, 2) FROM countries;
SELECT u.id, t.x FROM users u JOIN (SELECT user_id AS x FROM orders) AS t (x) ON t.x = u.id;
SELECT a.id, b.name FROM users a JOIN users b ON b.id = a.id WHERE a.age > 30;
SELECT a.id FROM users a, users b WHERE a.referrer_id = b.id AND b.age + 5 > 40;
SELECT id, status FROM orders WHERE status = 'new' UNION SELECT id, status FROM orders WHERE status = 'old' ORDER BY id;
SELECT id FROM users UNION ALL (SELECT user_id FROM orders ORDER BY id LIMIT 2) EXCEPT ALL SELECT user_id FROM blocked;
(SELECT id FROM users INTERSECT SELECT user_id FROM orders) UNION DISTINCT SELECT 7 ORDER BY 1;
SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders);
SELECT id FROM users WHERE (id, age) NOT IN (SELECT user_id, discount FROM orders);
SELECT id FROM users u WHERE name IN (SELECT o.status FROM orders o WHERE o.user_id = u.id);
SELECT id FROM users WHERE age > ALL (SELECT percent FROM coupons);
SELECT id FROM users WHERE age = SOME (SELECT discount FROM orders WHERE user_id = users.id);
SELECT id FROM users WHERE id <> ALL (SELECT user_id FROM orders);
SELECT id FROM users u WHERE EXISTS (SELECT FROM orders o WHERE o.user_id = u.id) AND NOT EXISTS (TABLE blocked);
SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0;
SELECT id FROM users u WHERE (age, score) = (SELECT o.discount, o.coupon_id FROM orders o WHERE o.id = u.id);
SELECT u.id, (SELECT c.name FROM countries c WHERE c.id = u.country_id) FROM users u;
SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS orders,
       (SELECT max(o.total) FROM orders o WHERE o.user_id = u.id) AS largest
FROM users u -- each of them
WHERE u.age IS NOT NULL /* known */ AND u.score >= 0;
SELECT o.id FROM orders o WHERE o.total > (SELECT avg(x.total) FROM orders x WHERE x.user_id = o.user_id);
SELECT o.* FROM orders o WHERE o.placed_on = (SELECT max(x.placed_on) FROM orders x WHERE x.user_id = o.user_id);
SELECT ARRAY(SELECT id FROM countries ORDER BY id), (SELECT ROW(1, 'a'));
SELECT u.id FROM users u WHERE u.age > (SELECT avg(o.discount) FROM orders o
    WHERE o.user_id = u.id AND o.total > (SELECT min(i.price) FROM order_items i WHERE i.order_id = o.id));
WITH t AS (SELECT user_id, total FROM orders) SELECT a.total FROM t a JOIN t b ON b.total = a.total WHERE a.user_id = 7 AND b.user_id = 8;
WITH t AS MATERIALIZED (SELECT id, age FROM users) SELECT id FROM t WHERE age = 3;
WITH t AS NOT MATERIALIZED (SELECT id FROM users), u (k) AS (SELECT id FROM t) SELECT k FROM u WHERE k > 1;
WITH t AS (SELECT user_id, luck FROM order_totals) SELECT a.user_id FROM t a JOIN t b USING (user_id) WHERE a.luck = b.luck;
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < 5) SELECT sum(i) FROM n;
WITH RECURSIVE up AS (
    SELECT id, referrer_id, 1 AS depth FROM users WHERE id = 3
    UNION
    SELECT u.id, u.referrer_id, up.depth + 1 FROM users u JOIN up ON u.id = up.referrer_id WHERE up.depth < 5
) SELECT * FROM up;
WITH RECURSIVE g (source, target) AS (
    SELECT source, target FROM edges WHERE source = 1
    UNION ALL SELECT e.source, e.target FROM g JOIN edges e ON e.source = g.target
) SEARCH DEPTH FIRST BY source, target SET ordercol
  CYCLE source SET is_cycle TO true DEFAULT false USING path
SELECT source, target FROM g ORDER BY ordercol;
WITH RECURSIVE g AS (
    SELECT child, parent FROM links WHERE parent IS NULL UNION ALL SELECT l.child, l.parent FROM links l JOIN g ON l.parent = g.child
) SEARCH BREADTH FIRST BY child SET seq CYCLE child SET looped USING trail SELECT child FROM g WHERE NOT looped ORDER BY seq;
SELECT c.code, count(*) FROM codes c JOIN codes d ON d.code = c.code GROUP BY c.code;
SELECT DISTINCT c.code, c.rank FROM codes c JOIN countries k ON k.code = c.code;
SELECT DISTINCT alt FROM codes;
SELECT sku, name FROM products WHERE sku = 'a' UNION SELECT sku, name FROM products WHERE sku = 'b';
SELECT DISTINCT kind FROM audit ORDER BY kind LIMIT 3;
SELECT l.child FROM links l JOIN links p ON p.child = l.parent;
