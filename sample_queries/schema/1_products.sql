-- 5,000 products. Those from 4901 on are discontinued and were never ordered.
CREATE TABLE products (
    id integer NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    category_id integer NOT NULL,
    price numeric(8, 2) NOT NULL,
    discontinued boolean NOT NULL
);

INSERT INTO products
SELECT i,
       'SKU-' || lpad(i::text, 6, '0'),
       'Product ' || i,
       1 + (20 * uniform(i, 21) ^ 2)::integer,
       round((1 + 199 * uniform(i, 22))::numeric, 2),
       i > 4900
FROM generate_series(1, 5000) AS i;

ALTER TABLE products ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX products_sku_key ON products (sku);
