-- 600,000 orders of two years, in the order they came in. A few users order most (user 1: 16,000, user
-- 42: 450, most: 4), nine of ten orders are delivered, and the country decides the currency and the
-- carrier. There is deliberately no index on user_id, though it is a foreign key, and none on total.
BEGIN;
CREATE TABLE orders (
    id integer NOT NULL,
    user_id integer NOT NULL,
    status text NOT NULL,
    total numeric(10, 2) NOT NULL,
    country text NOT NULL,
    currency text NOT NULL,
    carrier text NOT NULL,
    created_at timestamptz NOT NULL
);

-- User 3, one of the best, left at the end of the first year.
INSERT INTO orders
SELECT i,
       CASE WHEN buyer = 3 AND i > 300000 THEN 4 ELSE buyer END,
       CASE WHEN fate < 0.90 THEN 'delivered' WHEN fate < 0.94 THEN 'shipped' WHEN fate < 0.965 THEN 'cancelled'
            WHEN fate < 0.98 THEN 'returned' WHEN fate < 0.99 THEN 'processing' ELSE 'pending' END,
       round((5 + 500 * uniform(i, 33) ^ 4)::numeric, 2),
       'country ' || place,
       'currency ' || (place / 2),
       'carrier ' || (place / 3),
       timestamptz '2023-01-01 00:00:00+00' + i * interval '105 seconds'
FROM generate_series(1, 600000) AS i,
     LATERAL (SELECT 1 + (49999 * uniform(i, 31) ^ 3)::integer AS buyer, uniform(i, 32) AS fate,
                     (30 * uniform(i, 34) ^ 2)::integer AS place) AS drawn;
COMMIT;

ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX orders_created_at_idx ON orders (created_at);
CREATE INDEX orders_status_idx ON orders (status);
CREATE INDEX orders_country_idx ON orders (country);
