-- The join condition was forgotten: every product of a category with every business user.
-- pgtune: trips cartesian-join
SELECT count(*)
FROM products p, users u
WHERE p.category_id = 1 AND u.plan = 'business'
