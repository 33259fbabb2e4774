-- A bit of everything that rows must obey.
\connect shop
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE DOMAIN few AS positive NOT NULL CHECK (value < 3);
CREATE TABLE customers (
    id serial PRIMARY KEY,
    email text NOT NULL UNIQUE,
    mood mood,
    points positive,
    joined timestamptz NOT NULL DEFAULT clock_timestamp(),
    twice int GENERATED ALWAYS AS (id * 2) STORED,
    CHECK (length(email) < 9)
);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id int REFERENCES customers ON DELETE CASCADE,
    quantity few,
    tags int[]
);
CREATE TABLE parts (k int, d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE kv (k int PRIMARY KEY, v int);
CREATE TABLE pairs (k int NOT NULL, v int NOT NULL);
CREATE TABLE log (id serial, who int, at timestamptz DEFAULT now(), luck float DEFAULT random());
CREATE TABLE audit (what text, customer_id int);
CREATE SEQUENCE tickets;
CREATE VIEW happy AS SELECT * FROM customers WHERE mood = 'happy';
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO audit VALUES (tg_op, new.customer_id); RETURN new; END $$;
CREATE TRIGGER noted AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note_order();
CREATE FUNCTION ordered(customer int) RETURNS bigint LANGUAGE sql STABLE AS
'SELECT sum(quantity) FROM orders WHERE customer_id = customer';
INSERT INTO audit VALUES ('not loaded');
ALTER TABLE audit OWNER TO somebody;
