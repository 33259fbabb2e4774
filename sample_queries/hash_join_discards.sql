-- The orders of one user, found by e-mail address. Nothing finds the orders of a user: all of them are read
-- and looked up in a hash table of one row.
-- pgtune: trips hash-join-discards
SELECT o.id, o.total
FROM users u
JOIN orders o ON o.user_id = u.id
WHERE u.email = 'user4711@example.com'
