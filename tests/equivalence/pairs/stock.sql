-- different: an update with a join hits an item once, however many deliveries it has
UPDATE items i SET quantity = (SELECT coalesce(sum(d.quantity), 0) FROM deliveries d WHERE d.item_id = i.id);
UPDATE items i SET quantity = d.quantity FROM deliveries d WHERE d.item_id = i.id;

-- different: items without deliveries are left as they are
UPDATE items i SET quantity = (SELECT coalesce(sum(d.quantity), 0) FROM deliveries d WHERE d.item_id = i.id);
UPDATE items i SET quantity = g.total FROM (SELECT item_id, sum(quantity) AS total FROM deliveries GROUP BY item_id) g
WHERE g.item_id = i.id;

-- equal: and with those that have deliveries asked for
UPDATE items i SET quantity = (SELECT sum(d.quantity) FROM deliveries d WHERE d.item_id = i.id)
WHERE EXISTS (SELECT FROM deliveries d WHERE d.item_id = i.id);
UPDATE items i SET quantity = g.total FROM (SELECT item_id, sum(quantity) AS total FROM deliveries GROUP BY item_id) g
WHERE g.item_id = i.id;

-- different: a sub-query that finds no price writes NULL
UPDATE items i SET price = (SELECT max(p.price) FROM price_list p WHERE p.sku = i.sku);
UPDATE items i SET price = p.price FROM (SELECT sku, max(price) AS price FROM price_list GROUP BY sku) p WHERE p.sku = i.sku;

-- equal: an update of the rows that change
UPDATE items SET quantity = 0 WHERE quantity < 0;
UPDATE items SET quantity = greatest(quantity, 0) WHERE quantity < 0;

-- different: an update counts rows that do not change, too
UPDATE items SET quantity = greatest(quantity, 0);
UPDATE items SET quantity = 0 WHERE quantity < 0;

-- different: RETURNING the new value or the old one
UPDATE items SET quantity = quantity + 1 WHERE id = $1 RETURNING quantity;
UPDATE items SET quantity = quantity + 1 WHERE id = $1 RETURNING quantity - 1;

-- equal: assignments see the row as it was
UPDATE items SET quantity = id, price = quantity WHERE id < 100 AND quantity BETWEEN 0 AND 1000;
UPDATE items SET price = quantity, quantity = id WHERE id < 100 AND quantity BETWEEN 0 AND 1000;

-- different: a swap of two values, or one of them for both
UPDATE items SET quantity = CASE WHEN quantity = 1 THEN 2 ELSE 1 END WHERE quantity IN (1, 2);
UPDATE items SET quantity = 1 WHERE quantity IN (1, 2);

-- different: NOT IN with a NULL deletes nothing
DELETE FROM items WHERE sku NOT IN (SELECT sku FROM price_list);
DELETE FROM items i WHERE NOT EXISTS (SELECT FROM price_list p WHERE p.sku = i.sku);

-- equal: deletes with USING and with IN
DELETE FROM items i USING price_list p WHERE p.sku = i.sku AND p.price > 5;
DELETE FROM items WHERE sku IN (SELECT sku FROM price_list WHERE price > 5);

-- different: a price of five exactly
DELETE FROM items WHERE sku IN (SELECT sku FROM price_list WHERE price > 5) RETURNING id;
DELETE FROM items WHERE sku IN (SELECT sku FROM price_list WHERE price >= 5) RETURNING id;

-- different: deliveries go with their items
DELETE FROM items WHERE quantity = 0;
DELETE FROM items i WHERE quantity = 0 AND NOT EXISTS (SELECT FROM deliveries d WHERE d.item_id = i.id);

-- different: the condition is on the item or on the delivery
DELETE FROM deliveries WHERE quantity = 0;
DELETE FROM deliveries d USING items i WHERE i.id = d.item_id AND i.quantity = 0;

-- different: an upsert overwrites, or leaves what is there
INSERT INTO items (id, sku, quantity) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET quantity = excluded.quantity;
INSERT INTO items (id, sku, quantity) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING;

-- different: an upsert adds to what is there, or puts it in its place
INSERT INTO items (id, sku, quantity) VALUES ($1, $2, 5) ON CONFLICT (id) DO UPDATE SET quantity = items.quantity + excluded.quantity;
INSERT INTO items (id, sku, quantity) VALUES ($1, $2, 5) ON CONFLICT (id) DO UPDATE SET quantity = excluded.quantity;

-- equal: DO NOTHING as an anti-join, where only the key can conflict
INSERT INTO items (id, sku) SELECT d.id + 100000, 'new ' || d.id FROM deliveries d WHERE d.id BETWEEN 1 AND 9 ON CONFLICT (id) DO NOTHING;
INSERT INTO items (id, sku) SELECT d.id + 100000, 'new ' || d.id FROM deliveries d WHERE d.id BETWEEN 1 AND 9
AND NOT EXISTS (SELECT FROM items i WHERE i.id = d.id + 100000) ON CONFLICT (id) DO NOTHING;

-- different: DO NOTHING returns only what it inserted
INSERT INTO items (id, sku) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id;
INSERT INTO items (id, sku) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET sku = items.sku RETURNING id;

-- different: a MERGE that would hit a row twice fails
MERGE INTO items i USING (SELECT sku, max(price) AS price FROM price_list GROUP BY sku) p ON p.sku = i.sku
WHEN MATCHED THEN UPDATE SET price = p.price;
MERGE INTO items i USING price_list p ON p.sku = i.sku WHEN MATCHED THEN UPDATE SET price = p.price;

-- equal: MERGE with one branch is an update
MERGE INTO items i USING (SELECT sku, max(price) AS price FROM price_list GROUP BY sku) p ON p.sku = i.sku
WHEN MATCHED THEN UPDATE SET price = p.price;
UPDATE items i SET price = p.price FROM (SELECT sku, max(price) AS price FROM price_list GROUP BY sku) p WHERE p.sku = i.sku;

-- different: MERGE inserts what the update does not find
MERGE INTO items i USING (SELECT DISTINCT ON (sku) sku, price FROM price_list WHERE sku IS NOT NULL ORDER BY sku, price) p ON p.sku = i.sku
WHEN MATCHED THEN UPDATE SET price = p.price
WHEN NOT MATCHED THEN INSERT (id, sku, price) VALUES (1000000, p.sku, p.price);
UPDATE items i SET price = p.price FROM (SELECT DISTINCT ON (sku) sku, price FROM price_list ORDER BY sku, price) p WHERE p.sku = i.sku;

-- equal: INSERT ... SELECT with the default, said or unsaid
INSERT INTO archive (item_id) SELECT id FROM items WHERE quantity = 0 ORDER BY id RETURNING id, item_id;
INSERT INTO archive (item_id, note) SELECT id, 'moved' FROM items WHERE quantity = 0 ORDER BY id RETURNING id, item_id;

-- different: another default
INSERT INTO archive (item_id) SELECT id FROM items WHERE quantity = 0;
INSERT INTO archive (item_id, note) SELECT id, NULL FROM items WHERE quantity = 0;

-- different: INSERT ... SELECT from a join repeats items
INSERT INTO archive (item_id) SELECT i.id FROM items i WHERE EXISTS (SELECT FROM deliveries d WHERE d.item_id = i.id);
INSERT INTO archive (item_id) SELECT i.id FROM items i JOIN deliveries d ON d.item_id = i.id;

-- equal: moved in one statement, from what was deleted or what is there
WITH gone AS (DELETE FROM deliveries WHERE arrived < DATE '2024-01-01' RETURNING item_id)
INSERT INTO archive (item_id) SELECT item_id FROM gone ORDER BY item_id;
WITH gone AS (DELETE FROM deliveries WHERE arrived < DATE '2024-01-01')
INSERT INTO archive (item_id) SELECT item_id FROM deliveries WHERE arrived < DATE '2024-01-01' ORDER BY item_id;

-- different: deliveries that have not arrived are not before any day
WITH gone AS (DELETE FROM deliveries WHERE arrived < DATE '2024-01-01' RETURNING item_id)
INSERT INTO archive (item_id) SELECT item_id FROM gone;
WITH gone AS (DELETE FROM deliveries WHERE NOT arrived >= DATE '2024-01-01' OR arrived IS NULL RETURNING item_id)
INSERT INTO archive (item_id) SELECT item_id FROM gone;

-- equal: a row that is deleted by its key, given once or in an array
DELETE FROM deliveries WHERE id = $1;
DELETE FROM deliveries WHERE id = ANY (ARRAY[$1::int, $1]);

-- different: many rows of values, one of them another
INSERT INTO price_list (sku, price) VALUES ('a', 1), ('b', 2);
INSERT INTO price_list (sku, price) VALUES ('a', 1), ('b', 2), ('b', 2);

-- equal: many rows of values, from arrays
INSERT INTO price_list (sku, price) VALUES ('a', 1), ('b', 2);
INSERT INTO price_list (sku, price) SELECT * FROM unnest('{a,b}'::text[], '{1,2}'::numeric[]);

-- different: a self join that updates both rows of a pair
UPDATE items a SET quantity = 0 FROM items b WHERE a.price = b.price AND a.id > b.id;
UPDATE items a SET quantity = 0 FROM items b WHERE a.price = b.price AND a.id <> b.id;

-- different: the cheapest is deleted, or all that cost as much
DELETE FROM items WHERE id = (SELECT id FROM items ORDER BY price, id LIMIT 1);
DELETE FROM items WHERE price = (SELECT min(price) FROM items);

-- different: price and article both match, or the article alone
SELECT i.id FROM items AS i JOIN price_list AS p ON p.sku = i.sku AND p.price = i.price WHERE i.quantity > 20;
SELECT i.id FROM items AS i WHERE i.quantity > 20 AND i.price IN (SELECT price FROM price_list);
