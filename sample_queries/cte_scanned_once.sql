-- MATERIALIZED keeps the condition on id from reaching the table: all of it is read and stored for one
-- row.
-- pgtune: trips cte-scanned-once
WITH recent AS MATERIALIZED (
    SELECT id, user_id, status, total FROM orders WHERE created_at >= '2024-01-01'
)
SELECT * FROM recent WHERE id = 590000
