-- Products dearer than the mean of their category: the mean is worked out again for every product.
-- pgtune: trips correlated-subplan
SELECT p.id, p.name
FROM products p
WHERE p.category_id = 1
  AND p.price > (SELECT avg(q.price) FROM products q WHERE q.category_id = p.category_id)
