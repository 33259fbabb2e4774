SELECT * FROM "Sales 2024"."Order Lines" WHERE span && int4range(10, 20);
SELECT * FROM "Sales 2024"."Order Lines" WHERE spans @> 15;
