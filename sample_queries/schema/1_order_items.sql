-- 1,000,000 lines: every five belong to three orders. product_id is a foreign key without an index.
BEGIN;
CREATE TABLE order_items (
    order_id integer NOT NULL,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    quantity smallint NOT NULL,
    unit_price numeric(8, 2) NOT NULL
);

INSERT INTO order_items
SELECT (i - 1) * 3 / 5 + 1,
       CASE WHEN (i - 1) % 5 IN (1, 3) THEN 2 ELSE 1 END,
       1 + (4899 * uniform(i, 41) ^ 2)::integer,
       1 + (4 * uniform(i, 42) ^ 3)::integer,
       round((1 + 199 * uniform(i, 43))::numeric, 2)
FROM generate_series(1, 1000000) AS i;
COMMIT;

ALTER TABLE order_items ADD PRIMARY KEY (order_id, line_no);
