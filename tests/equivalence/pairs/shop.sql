-- different: one day ends before the next begins
SELECT id FROM orders WHERE placed >= '2024-03-01' AND placed < '2024-03-02';
SELECT id FROM orders WHERE placed BETWEEN '2024-03-01' AND '2024-03-02';

-- equal: the date of a timestamp as a half-open range
SELECT id FROM orders WHERE placed::date = DATE '2024-03-01';
SELECT id FROM orders WHERE placed >= '2024-03-01' AND placed < '2024-03-02';

-- different: the year's last day lasts until midnight
SELECT count(*) FROM orders WHERE extract(year FROM placed) = 2024;
SELECT count(*) FROM orders WHERE placed >= '2024-01-01' AND placed <= '2024-12-31';

-- equal: a year as a half-open range
SELECT count(*) FROM orders WHERE extract(year FROM placed) = 2024;
SELECT count(*) FROM orders WHERE placed >= '2024-01-01' AND placed < '2025-01-01';

-- different: the month of any year
SELECT id FROM orders WHERE date_trunc('month', placed) = '2024-02-01';
SELECT id FROM orders WHERE extract(month FROM placed) = 2;

-- equal: the month of one year
SELECT id FROM orders WHERE date_trunc('month', placed) = '2024-02-01';
SELECT id FROM orders WHERE extract(month FROM placed) = 2 AND extract(year FROM placed) = 2024;

-- different: UNION takes equal rows together
SELECT customer_id FROM orders WHERE status = 'open' UNION ALL SELECT customer_id FROM orders WHERE status = 'paid';
SELECT customer_id FROM orders WHERE status = 'open' UNION SELECT customer_id FROM orders WHERE status = 'paid';

-- equal: the parts exclude each other and hold a key
SELECT id, status FROM orders WHERE status = 'open' UNION SELECT id, status FROM orders WHERE status = 'paid';
SELECT id, status FROM orders WHERE status IN ('open', 'paid');

-- different: a row that is in both parts comes twice
SELECT id FROM orders WHERE status = 'open' OR discount > 5;
SELECT id FROM orders WHERE status = 'open' UNION ALL SELECT id FROM orders WHERE discount > 5;

-- equal: the second part leaves out what the first has
SELECT id FROM orders WHERE status = 'open' OR discount > 5;
SELECT id FROM orders WHERE status = 'open' UNION ALL SELECT id FROM orders WHERE discount > 5 AND status <> 'open';

-- different: the second part loses orders whose discount is NULL
SELECT id FROM orders WHERE discount > 5 OR status = 'open';
SELECT id FROM orders WHERE discount > 5 UNION ALL SELECT id FROM orders WHERE status = 'open' AND NOT discount > 5;

-- equal: IS NOT TRUE keeps them
SELECT id FROM orders WHERE discount > 5 OR status = 'open';
SELECT id FROM orders WHERE discount > 5 UNION ALL SELECT id FROM orders WHERE status = 'open' AND (discount > 5) IS NOT TRUE;

-- different: NULL is neither equal nor unequal
SELECT id FROM orders WHERE discount IS DISTINCT FROM 5;
SELECT id FROM orders WHERE discount <> 5;

-- equal: IS DISTINCT FROM a constant spelled out
SELECT id FROM orders WHERE discount IS DISTINCT FROM 5;
SELECT id FROM orders WHERE discount <> 5 OR discount IS NULL;

-- different: the negation of both conditions is not the negation of each
SELECT id FROM orders WHERE NOT (status = 'open' AND discount > 5);
SELECT id FROM orders WHERE status <> 'open' AND NOT discount > 5;

-- equal: De Morgan holds in three-valued logic
SELECT id FROM orders WHERE NOT (status = 'open' AND discount > 5);
SELECT id FROM orders WHERE status <> 'open' OR discount <= 5;

-- different: a tautology that NULL does not fulfil
SELECT id FROM orders;
SELECT id FROM orders WHERE discount > 5 OR discount <= 5;

-- equal: the same tautology on a column that is NOT NULL
SELECT id FROM orders;
SELECT id FROM orders WHERE status = 'open' OR status <> 'open';

-- different: COALESCE with the very constant that is asked for
SELECT id FROM orders WHERE coalesce(discount, 0) = 0;
SELECT id FROM orders WHERE discount = 0;

-- equal: COALESCE with another constant
SELECT id FROM orders WHERE coalesce(discount, 0) = 5;
SELECT id FROM orders WHERE discount = 5;

-- different: the order's total counts the discount once for each line
SELECT o.id, coalesce(sum(l.quantity), 0) - coalesce(o.discount, 0) FROM orders o LEFT JOIN lineitems l ON l.order_id = o.id
GROUP BY o.id;
SELECT o.id, coalesce(sum(l.quantity - coalesce(o.discount, 0)), 0) FROM orders o LEFT JOIN lineitems l ON l.order_id = o.id
GROUP BY o.id;

-- equal: sums before the join, as the other side is unique
SELECT c.id, sum(l.quantity) FROM customers c JOIN orders o ON o.customer_id = c.id JOIN lineitems l ON l.order_id = o.id
GROUP BY c.id;
SELECT c.id, g.total FROM customers c JOIN (
    SELECT o.customer_id, sum(l.quantity) AS total FROM orders o JOIN lineitems l ON l.order_id = o.id GROUP BY o.customer_id
) g ON g.customer_id = c.id;

-- different: the greatest sum is not the sum of the greatest
SELECT max(total) FROM (SELECT sum(quantity) AS total FROM lineitems GROUP BY order_id) s;
SELECT sum(greatest) FROM (SELECT max(quantity) AS greatest FROM lineitems GROUP BY order_id) s;

-- equal: the greatest of the greatest
SELECT max(quantity) FROM lineitems;
SELECT max(greatest) FROM (SELECT max(quantity) AS greatest FROM lineitems GROUP BY order_id) s;

-- different: the average of averages weighs orders alike
SELECT avg(quantity) FROM lineitems;
SELECT avg(mean) FROM (SELECT avg(quantity) AS mean FROM lineitems GROUP BY order_id) s;

-- different: the sum over no rows is NULL, the number of rows is 0
SELECT count(*) FROM lineitems WHERE quantity > 10;
SELECT sum(CASE WHEN quantity > 10 THEN 1 ELSE 0 END) FROM lineitems;

-- equal: FILTER and CASE without ELSE
SELECT order_id, count(*) FILTER (WHERE quantity > 10) FROM lineitems GROUP BY order_id;
SELECT order_id, count(CASE WHEN quantity > 10 THEN 1 END) FROM lineitems GROUP BY order_id;

-- different: ELSE 0 is counted too
SELECT order_id, count(*) FILTER (WHERE quantity > 10) FROM lineitems GROUP BY order_id;
SELECT order_id, count(CASE WHEN quantity > 10 THEN 1 ELSE 0 END) FROM lineitems GROUP BY order_id;

-- different: WHERE loses the orders that have no such line
SELECT order_id, count(*) FILTER (WHERE quantity > 10) FROM lineitems GROUP BY order_id;
SELECT order_id, count(*) FROM lineitems WHERE quantity > 10 GROUP BY order_id;

-- different: the total of 100 is reached or passed
SELECT order_id FROM lineitems GROUP BY order_id HAVING sum(quantity) > 100;
SELECT order_id FROM lineitems GROUP BY order_id HAVING sum(quantity) >= 100;

-- equal: HAVING on the group's own column is WHERE
SELECT order_id, sum(quantity) FROM lineitems GROUP BY order_id HAVING order_id > 2;
SELECT order_id, sum(quantity) FROM lineitems WHERE order_id > 2 GROUP BY order_id;

-- different: HAVING on an aggregate is not WHERE on its argument
SELECT order_id FROM lineitems GROUP BY order_id HAVING min(quantity) > 3;
SELECT DISTINCT order_id FROM lineitems WHERE quantity > 3;

-- equal: HAVING on the maximum is WHERE on its argument
SELECT order_id FROM lineitems GROUP BY order_id HAVING max(quantity) > 3;
SELECT DISTINCT order_id FROM lineitems WHERE quantity > 3;

-- different: bought all products is not bought as many
SELECT o.customer_id FROM orders o WHERE NOT EXISTS (
    SELECT FROM products p WHERE p.category = 'tea' AND NOT EXISTS (
        SELECT FROM lineitems l JOIN orders o2 ON o2.id = l.order_id
        WHERE l.product_id = p.id AND o2.customer_id = o.customer_id));
SELECT o.customer_id FROM orders o WHERE (
    SELECT count(*) FROM lineitems l JOIN orders o2 ON o2.id = l.order_id JOIN products p ON p.id = l.product_id
    WHERE o2.customer_id = o.customer_id AND p.category = 'tea') >= (SELECT count(*) FROM products WHERE category = 'tea');

-- equal: bought all products, counted without repetition
SELECT o.customer_id FROM orders o WHERE NOT EXISTS (
    SELECT FROM products p WHERE p.category = 'tea' AND NOT EXISTS (
        SELECT FROM lineitems l JOIN orders o2 ON o2.id = l.order_id
        WHERE l.product_id = p.id AND o2.customer_id = o.customer_id));
SELECT o.customer_id FROM orders o WHERE (
    SELECT count(DISTINCT p.id) FROM lineitems l JOIN orders o2 ON o2.id = l.order_id JOIN products p ON p.id = l.product_id
    WHERE o2.customer_id = o.customer_id AND p.category = 'tea') = (SELECT count(*) FROM products WHERE category = 'tea');

-- different: customers may have no order at all
SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.status = 'void');
SELECT DISTINCT c.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.status <> 'void';

-- equal: never void, as a difference of sets
SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.status = 'void');
SELECT id FROM customers EXCEPT SELECT customer_id FROM orders WHERE status = 'void';

-- different: without a key the difference of sets loses duplicates
SELECT country FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id);
SELECT country FROM customers EXCEPT
SELECT c.country FROM customers c JOIN orders o ON o.customer_id = c.id;

-- different: the latest order of each customer, with or without ties
SELECT o.id FROM orders o WHERE o.placed = (SELECT max(p.placed) FROM orders p WHERE p.customer_id = o.customer_id);
SELECT DISTINCT ON (customer_id) id FROM orders ORDER BY customer_id, placed DESC, id DESC;

-- equal: the latest order of each customer, ties broken by key
SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, placed DESC, id DESC;
SELECT customer_id, id FROM (
    SELECT customer_id, id, row_number() OVER (PARTITION BY customer_id ORDER BY placed DESC, id DESC) AS r FROM orders) s
WHERE r = 1 ORDER BY customer_id;

-- different: the latest of the paid orders is not the latest order that is paid
SELECT id FROM (SELECT DISTINCT ON (customer_id) id, status FROM orders ORDER BY customer_id, placed DESC, id) s
WHERE status = 'paid';
SELECT id FROM (SELECT DISTINCT ON (customer_id) id, status FROM orders WHERE status = 'paid'
                ORDER BY customer_id, placed DESC, id) s;

-- equal: a condition on the partition's own column may go below
SELECT id FROM (SELECT DISTINCT ON (customer_id) id, customer_id FROM orders ORDER BY customer_id, placed DESC, id) s
WHERE customer_id = 3;
SELECT id FROM (SELECT DISTINCT ON (customer_id) id, customer_id FROM orders WHERE customer_id = 3
                ORDER BY customer_id, placed DESC, id) s;

-- different: customers without an order are lost behind a cross join, too
SELECT c.id, o.id FROM customers c CROSS JOIN products p LEFT JOIN orders o ON o.customer_id = c.id;
SELECT c.id, o.id FROM customers c CROSS JOIN products p JOIN orders o ON o.customer_id = c.id;

-- different: an inner join behind the outer one makes it inner
SELECT o.id, p.name FROM orders o LEFT JOIN (lineitems l JOIN products p ON p.id = l.product_id) ON l.order_id = o.id;
SELECT o.id, p.name FROM orders o LEFT JOIN lineitems l ON l.order_id = o.id JOIN products p ON p.id = l.product_id;

-- equal: LATERAL that always returns one row
SELECT c.id, t.n FROM customers c CROSS JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.id) t;
SELECT c.id, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) FROM customers c;

-- different: LATERAL that may return no row
SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 1) FROM customers c;
SELECT c.id, t.id FROM customers c
CROSS JOIN LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 1) t;

-- equal: LEFT JOIN LATERAL keeps the customer
SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 1) FROM customers c;
SELECT c.id, t.id FROM customers c
LEFT JOIN LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 1) t ON true;

-- different: two rows are not the two of each customer
SELECT t.id FROM customers c CROSS JOIN LATERAL (
    SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 2) t;
SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id ORDER BY o.placed, o.id LIMIT 2;

-- different: the sub-totals that a grouping set adds
SELECT category, name, count(*) FROM products GROUP BY category, name;
SELECT category, name, count(*) FROM products GROUP BY ROLLUP (category, name);

-- equal: ROLLUP spelled out
SELECT category, count(*) FROM products GROUP BY ROLLUP (category);
SELECT category, count(*) FROM products GROUP BY category UNION ALL SELECT NULL, count(*) FROM products;

-- different: CUBE has one grouping set more than ROLLUP
SELECT category, price, count(*) FROM products GROUP BY ROLLUP (category, price);
SELECT category, price, count(*) FROM products GROUP BY CUBE (category, price);

-- equal: what a parameter of NULL leaves out
SELECT id FROM orders WHERE ($1::int IS NULL OR customer_id = $1) AND status = 'open';
SELECT id FROM orders WHERE customer_id = coalesce($1::int, customer_id) AND status = 'open';

-- different: the same trick on a column that may be NULL
SELECT id FROM products WHERE ($1::text IS NULL OR category = $1);
SELECT id FROM products WHERE category = coalesce($1::text, category);

-- different: keyset paging needs the tie-breaker of its order
SELECT id FROM orders WHERE (placed, id) > ($1::timestamp, $2::int) ORDER BY placed, id;
SELECT id FROM orders WHERE placed > $1::timestamp OR (placed = $1::timestamp AND id >= $2::int) ORDER BY placed, id;

-- equal: the row comparison spelled out
SELECT id FROM orders WHERE (placed, id) > ($1::timestamp, $2::int) ORDER BY placed, id;
SELECT id FROM orders WHERE placed > $1::timestamp OR (placed = $1::timestamp AND id > $2::int) ORDER BY placed, id;

-- different: the order of the result is lost
SELECT id, customer_id FROM orders ORDER BY customer_id DESC, id;
SELECT id, customer_id FROM orders ORDER BY customer_id, id;

-- different: orders with three to six lines, or with three to seven
SELECT o.id FROM orders AS o JOIN lineitems AS l ON l.order_id = o.id WHERE o.status = 'paid' GROUP BY o.id HAVING count(*) BETWEEN 3 AND 6;
SELECT o.id FROM orders AS o JOIN lineitems AS l ON l.order_id = o.id WHERE o.status = 'paid' GROUP BY o.id HAVING count(*) BETWEEN 3 AND 7;

-- different: sums by CASE, NULL or 0 where nothing is counted
SELECT c.country, sum(CASE WHEN o.status = 'paid' OR o.status = 'shipped' THEN 1 ELSE 0 END) FROM customers AS c JOIN orders AS o ON o.customer_id = c.id WHERE c.email LIKE 'a%' AND o.placed >= '2024-01-01' GROUP BY c.country;
SELECT c.country, sum(CASE WHEN o.status = 'paid' OR o.status = 'shipped' THEN 1 END) FROM customers AS c JOIN orders AS o ON o.customer_id = c.id WHERE c.email LIKE 'a%' AND o.placed >= '2024-01-01' GROUP BY c.country;

-- different: a category that only one of two uses of the table is limited to
SELECT l.order_id FROM lineitems AS l JOIN products AS p ON p.id = l.product_id WHERE p.category = 'tea' AND p.price = (SELECT min(q.price) FROM products AS q WHERE q.category = 'tea');
SELECT l.order_id FROM lineitems AS l JOIN products AS p ON p.id = l.product_id WHERE p.price = (SELECT min(q.price) FROM products AS q WHERE q.category = 'tea');
