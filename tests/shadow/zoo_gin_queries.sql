SELECT * FROM "Sales 2024"."Order Lines" WHERE to_tsvector('english', code::text) @@ to_tsquery('english', 'c5');
SELECT * FROM "Sales 2024"."Order Lines" WHERE document @> '{"kind": 3}';
