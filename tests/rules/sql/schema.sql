-- The tables of the cases: small, and with every kind of constraint that a rule may ask for.
CREATE TYPE ticket_state AS ENUM ('open', 'waiting', 'closed');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);

CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text,
    country_id integer,
    referrer_id bigint REFERENCES users,
    age integer,
    score integer NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT now(),
    seen_at timestamptz
);
CREATE TABLE countries (id integer PRIMARY KEY, code char(2) NOT NULL UNIQUE, name text NOT NULL);
ALTER TABLE users ADD CONSTRAINT users_country_fk FOREIGN KEY (country_id) REFERENCES countries;

CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    coupon_id integer, -- without a foreign key
    status text NOT NULL,
    total numeric(10, 2) NOT NULL,
    discount integer,
    placed_on date NOT NULL,
    created_at timestamp NOT NULL,
    paid_at timestamptz,
    data jsonb
);
CREATE INDEX ON orders (user_id, created_at);
CREATE INDEX ON orders (created_at);
CREATE INDEX ON orders (total);
CREATE INDEX ON orders USING gin (data);
CREATE TABLE order_items (
    order_id bigint NOT NULL REFERENCES orders,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    price numeric(10, 2),
    note text,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE products (
    id integer PRIMARY KEY,
    sku varchar(20) NOT NULL,
    name text NOT NULL,
    category_id integer,
    price numeric(10, 2) NOT NULL,
    weight double precision,
    tags text[],
    UNIQUE (sku) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE order_items ADD CONSTRAINT order_items_product_fk FOREIGN KEY (product_id) REFERENCES products;
CREATE TABLE coupons (id integer PRIMARY KEY, code text UNIQUE, percent smallint NOT NULL);
CREATE UNIQUE INDEX coupons_big_idx ON coupons (percent) WHERE percent > 50; -- partial: no key

CREATE TABLE tickets (
    id integer PRIMARY KEY,
    state ticket_state NOT NULL,
    owner_id bigint REFERENCES users,
    priority positive,
    title text,
    opened_at timestamp NOT NULL,
    closed_at timestamp
);
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    user_id bigint, -- may be NULL, and may name nobody
    at timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL,
    amount integer,
    payload json
);
CREATE INDEX ON events (kind, at);
CREATE TABLE blocked (user_id bigint, reason text); -- no key, and NULLs
CREATE TABLE blocked_emails (email text NOT NULL);

CREATE TABLE employees (
    id integer PRIMARY KEY,
    name text NOT NULL,
    manager_id integer REFERENCES employees,
    department_id integer NOT NULL,
    salary integer
);
CREATE TABLE departments (id integer PRIMARY KEY, name text NOT NULL UNIQUE, budget integer);
ALTER TABLE employees ADD CONSTRAINT employees_department_fk
    FOREIGN KEY (department_id) REFERENCES departments NOT VALID; -- old rows may break it
CREATE VIEW active_users AS SELECT id, email FROM users WHERE seen_at IS NOT NULL;

CREATE TABLE devices (
    id uuid PRIMARY KEY,
    label text COLLATE "C.utf8" NOT NULL,
    serial varchar(20),
    firmware smallint,
    is_active boolean,
    seen_at timestamptz
);
CREATE INDEX ON devices (label);
CREATE INDEX ON devices (serial varchar_pattern_ops);
CREATE INDEX ON devices (lower(serial));
CREATE INDEX ON devices (seen_at);

-- Large by its statistics, and with columns of few values.
CREATE TABLE audit (id bigint PRIMARY KEY, kind varchar(20) NOT NULL, region text, level integer, at timestamp);
CREATE INDEX audit_kind_idx ON audit (kind, at);
CREATE INDEX audit_region_idx ON audit (region);
CREATE INDEX audit_at_idx ON audit (at);
DO $$ BEGIN
    PERFORM pg_restore_relation_stats('schemaname', 'public', 'relname', 'audit', 'reltuples', 1000000::real);
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', 'audit', 'attname', name,
        'inherited', false, 'null_frac', 0.1::real, 'avg_width', 8, 'n_distinct', n::real)
    FROM (VALUES ('kind', 5), ('region', 7), ('level', 3), ('at', -0.9)) AS few(name, n);
END $$;

-- What promises less than it seems to: rows of heirs, bounds of empty ranges, a view that is never the same.
CREATE TYPE address AS (street text, city text);
CREATE DOMAIN percentage AS numeric(5, 2) CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN small_number AS integer;
CREATE TABLE bookings (
    id integer PRIMARY KEY,
    room integer NOT NULL,
    during int4range NOT NULL,
    nights smallint NOT NULL,
    share percentage,
    guests small_number NOT NULL,
    labels text[],
    home address,
    EXCLUDE USING gist (during WITH &&)
);
CREATE TABLE animals (id integer PRIMARY KEY, name text NOT NULL, legs integer NOT NULL);
CREATE TABLE dogs (breed text) INHERITS (animals);
CREATE TABLE visits (id integer PRIMARY KEY, animal_id integer NOT NULL REFERENCES animals (id), paid numeric(8, 2));
CREATE VIEW order_totals AS SELECT user_id, sum(total) AS total, random() AS luck FROM orders GROUP BY user_id;
