-- 30,000 carts, which change all the time. Two of the indexes are there by mistake: nothing reads by the total,
-- and (user_id) is the beginning of (user_id, status).
CREATE TABLE carts (
    id integer NOT NULL,
    user_id integer NOT NULL,
    status text NOT NULL,
    items integer NOT NULL,
    total numeric(10, 2) NOT NULL,
    note text,
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 70);

INSERT INTO carts
SELECT i,
       1 + (49999 * uniform(i, 81))::integer,
       CASE WHEN uniform(i, 82) < 0.1 THEN 'open' WHEN uniform(i, 82) < 0.7 THEN 'paid' ELSE 'abandoned' END,
       1 + (9 * uniform(i, 83) ^ 2)::integer,
       round((5 + 300 * uniform(i, 84) ^ 3)::numeric, 2),
       CASE WHEN uniform(i, 85) < 0.03 THEN 'gift ' || i END,
       timestamptz '2024-12-01 00:00:00+00' + i * interval '80 seconds'
FROM generate_series(1, 30000) AS i;

ALTER TABLE carts ADD PRIMARY KEY (id);
CREATE INDEX carts_total_idx ON carts (total);
CREATE INDEX carts_user_id_idx ON carts (user_id);
CREATE INDEX carts_user_id_status_idx ON carts (user_id, status);
