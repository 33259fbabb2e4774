-- A morning of the shop, for pg_stat_statements: what is read often and slowly, what is written. \gexec sends
-- each row as a statement of its own. Only carts is written to; the other tables stay as they are.
\set QUIET on
SELECT pg_stat_statements_reset();

-- The user's page: last orders, open cart, sessions, what was looked at.
SELECT format('SELECT id, status, total, created_at FROM orders WHERE user_id = %s ORDER BY created_at DESC LIMIT 10', 7 * i)
FROM generate_series(1, 12) AS i \gexec
SELECT format('SELECT id, items, total FROM carts WHERE user_id = %s AND status = %L', 31 * i, 'open')
FROM generate_series(1, 60) AS i \gexec
SELECT format('SELECT device, started_at FROM sessions WHERE user_id = %s ORDER BY started_at DESC LIMIT 5', 11 * i)
FROM generate_series(1, 40) AS i \gexec
SELECT format(
    'SELECT kind, count(*) FROM events WHERE user_id = %s AND occurred_at >= %L AND occurred_at < %L GROUP BY kind',
    3 * i, '2024-03-01', '2024-05-01')
FROM generate_series(1, 10) AS i \gexec
SELECT format('SELECT id, name, plan FROM users WHERE email = %L', 'user' || 17 * i || '@example.com')
FROM generate_series(1, 80) AS i \gexec
SELECT format('SELECT id, email FROM users WHERE lower(name) = %L', 'user ' || 29 * i)
FROM generate_series(1, 8) AS i \gexec

-- An order, and what belongs to it.
SELECT format(
    'SELECT i.line_no, p.name, i.quantity, i.unit_price FROM order_items AS i JOIN products AS p ON p.id = i.product_id WHERE i.order_id = %s',
    101 * i)
FROM generate_series(1, 60) AS i \gexec
SELECT format('SELECT status, total FROM orders WHERE id = %s', 997 * i) FROM generate_series(1, 80) AS i \gexec

-- The warehouse: what is to be done, who bought a product, can it be deleted?
SELECT 'SELECT id, user_id, created_at FROM orders WHERE status = ''pending'' ORDER BY created_at LIMIT 50'
FROM generate_series(1, 10) \gexec
SELECT format(
    'SELECT o.id, o.created_at FROM order_items AS i JOIN orders AS o ON o.id = i.order_id WHERE i.product_id = %s AND o.status = %L',
    4000 + i, 'processing')
FROM generate_series(1, 5) AS i \gexec
SELECT format('SELECT EXISTS (SELECT FROM order_items WHERE product_id = %s)', 4900 + i)
FROM generate_series(1, 4) AS i \gexec
SELECT format('SELECT id, name, price FROM products WHERE category_id = %s AND NOT discontinued ORDER BY price LIMIT 20', i)
FROM generate_series(1, 20) AS i \gexec
SELECT format('SELECT id, sku, name FROM products WHERE name ILIKE %L', '%product 12' || i || '%')
FROM generate_series(1, 9) AS i \gexec

-- The office: figures of a day, of a country, of the year.
SELECT format(
    'SELECT count(*), sum(total) FROM orders WHERE created_at >= %L::timestamptz AND created_at < %L::timestamptz',
    timestamptz '2024-03-01 00:00:00+00' + i * interval '1 day', timestamptz '2024-03-02 00:00:00+00' + i * interval '1 day')
FROM generate_series(1, 20) AS i \gexec
SELECT format('SELECT status, count(*), sum(total) FROM orders WHERE country = %L GROUP BY status', 'country ' || 20 + i)
FROM generate_series(1, 6) AS i \gexec
SELECT 'SELECT date_trunc(''month'', created_at) AS month, sum(total) FROM orders GROUP BY month ORDER BY month'
FROM generate_series(1, 2) \gexec
SELECT format('SELECT u.city, count(*) FROM users AS u JOIN orders AS o ON o.user_id = u.id WHERE u.postcode = %L GROUP BY u.city', '00' || 900 + i)
FROM generate_series(1, 4) AS i \gexec

-- The machine room: errors, and what a product's page logged.
SELECT format('SELECT count(*) FROM logs WHERE service_id = %s AND logged_at >= %L', 7 * i, '2024-07-15')
FROM generate_series(1, 15) AS i \gexec
SELECT format('SELECT id, logged_at FROM logs WHERE data @> %L ORDER BY logged_at DESC LIMIT 20', jsonb_build_object('path', '/products/' || i))
FROM generate_series(1, 5) AS i \gexec

-- What the shop logs, a row at a time, and two reports that could be written better.
SELECT format('INSERT INTO logs (data) VALUES (%L)', jsonb_build_object('level', 'info', 'path', '/carts/' || i))
FROM generate_series(1, 2000) AS i \gexec
SELECT format('SELECT id, user_id, total FROM orders WHERE date(created_at) = %L', date '2024-03-01' + i)
FROM generate_series(1, 6) AS i \gexec
SELECT format(
    'SELECT p.id, p.name FROM products AS p WHERE p.category_id = %s AND p.price > (SELECT avg(q.price) FROM products AS q WHERE q.category_id = p.category_id)',
    i)
FROM generate_series(1, 3) AS i \gexec

-- The carts: filled, paid, left behind and swept.
SELECT format('INSERT INTO carts VALUES (%s, %s, %L, 1, 9.90, NULL, %L)', 30000 + i, 13 * i, 'open', '2024-12-29 10:00:00+00')
FROM generate_series(1, 150) AS i \gexec
SELECT format('UPDATE carts SET items = items + 1, changed_at = %L WHERE id = %s', '2024-12-29 11:00:00+00', 91 * i)
FROM generate_series(1, 320) AS i \gexec
SELECT format('UPDATE carts SET status = %L WHERE id = %s', 'paid', 30000 + 2 * i)
FROM generate_series(1, 60) AS i \gexec
SELECT format('SELECT id, user_id, total FROM carts WHERE status = %L AND changed_at < %L', 'open', '2024-12-01 08:00:00+00')
FROM generate_series(1, 12) AS i \gexec
SELECT format('SELECT id, note FROM carts WHERE note IS NOT NULL AND changed_at >= %L ORDER BY changed_at', '2024-12-28')
FROM generate_series(1, 12) AS i \gexec
SELECT format('DELETE FROM carts WHERE id = %s', 30100 + i) FROM generate_series(1, 20) AS i \gexec

-- The shop did not run what made these statements.
SELECT count(pg_stat_statements_reset(userid, dbid, queryid)) FROM pg_stat_statements WHERE query LIKE '%generate_series%';
SELECT count(pg_stat_statements_reset(userid, dbid, queryid)) FROM pg_stat_statements WHERE query LIKE '%pg_stat_statements%';
