-- Pairs of a newer and dearer product. There is nothing to hash or merge on, so the list is walked once
-- for each product.
-- pgtune: trips materialize-rescans
SELECT count(*)
FROM products a
JOIN products b ON b.id > a.id AND b.price > a.price
WHERE a.category_id <= 3 AND b.category_id <= 3
