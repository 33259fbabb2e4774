-- Deleting products that were never ordered. For each of them the foreign key reads all of order_items,
-- as product_id has no index there. A write: it runs (and is rolled back) only with --allow-writes.
-- pgtune: trips slow-trigger
-- pgtune: needs allow-writes
DELETE FROM products WHERE id BETWEEN 4991 AND 5000
