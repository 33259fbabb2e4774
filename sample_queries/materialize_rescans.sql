-- Products that cost nearly the same. There is nothing to hash or merge on, so the list is walked once
-- for each product.
-- pgtune: trips materialize-rescans
SELECT count(*)
FROM products a
JOIN products b ON abs(a.price - b.price) < 0.05 AND a.id < b.id
WHERE a.category_id <= 3 AND b.category_id <= 3
