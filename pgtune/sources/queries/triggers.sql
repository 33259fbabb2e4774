-- Triggers of users that fire in a normal session, in the order in which they do.
-- tgtype, src/include/catalog/pg_trigger.h: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate, 64 instead.
SELECT t.tgrelid AS relation_oid,
       t.tgname AS name,
       t.tgtype & 1 = 1 AS is_row,
       CASE WHEN t.tgtype & 64 = 64 THEN 'INSTEAD OF' WHEN t.tgtype & 2 = 2 THEN 'BEFORE' ELSE 'AFTER' END AS timing,
       pg_catalog.array_remove(ARRAY[
           CASE WHEN t.tgtype & 4 = 4 THEN 'INSERT' END,
           CASE WHEN t.tgtype & 16 = 16 THEN 'UPDATE' END,
           CASE WHEN t.tgtype & 8 = 8 THEN 'DELETE' END,
           CASE WHEN t.tgtype & 32 = 32 THEN 'TRUNCATE' END], NULL) AS events
FROM pg_catalog.pg_trigger AS t
WHERE t.tgrelid = ANY (%(oids)s::oid[]) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
ORDER BY t.tgrelid, t.tgname
