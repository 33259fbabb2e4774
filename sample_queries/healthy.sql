-- The pieces sold of each product: all of order_items is needed and all of it is read. Nothing is wrong
-- with it.
-- pgtune: trips none
-- pgtune: set max_parallel_workers_per_gather = 0
SELECT product_id, sum(quantity)
FROM order_items
GROUP BY product_id
