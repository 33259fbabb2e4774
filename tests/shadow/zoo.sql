-- One of each kind of object and type that a schema can hold. PostgreSQL 14 and later.
CREATE SCHEMA "Sales 2024";
CREATE SCHEMA aux;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE point3 AS (x int, y int, z int);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN code AS varchar(10) COLLATE "C";
CREATE FUNCTION aux.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';

CREATE TABLE "Sales 2024"."Order Lines" (
    "Line Id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "select" int NOT NULL,
    amount positive,
    code code,
    mood mood,
    net numeric(10, 2),
    gross numeric GENERATED ALWAYS AS (net * 1.2) STORED,
    at timestamptz NOT NULL,
    tags text[],
    numbers int[],
    document jsonb,
    words tsvector,
    span int4range,
    spans int4multirange,
    place point,
    spot point3,
    fixed char(8),
    ip inet,
    flag boolean,
    raw bytea,
    lag interval,
    uid uuid,
    amounts positive[]
);
INSERT INTO "Sales 2024"."Order Lines" ("select", amount, code, mood, net, at, tags, numbers, document, words, span, spans,
    place, spot, fixed, ip, flag, raw, lag, uid, amounts)
SELECT i % 100, 1 + i % 50, 'c' || i % 300, (ARRAY['sad', 'ok', 'happy'])[1 + (i * i) % 3]::mood,
    CASE WHEN i % 5 <> 0 THEN i % 977 END, '2024-01-01'::timestamptz + i * interval '1 minute',
    ARRAY['t' || i % 7, 't' || i % 11], ARRAY[i % 13, i % 17, i],
    jsonb_build_object('kind', i % 5, 'name', 'n' || i % 50), to_tsvector('english', 'green ' || (ARRAY['apple', 'pear', 'fig'])[1 + i % 3]),
    int4range(i % 500, i % 500 + i % 20), int4multirange(int4range(i % 500, i % 500 + i % 20)), point(i % 100, i % 33), ROW(i % 3, 1, 2)::point3, 'f' || i % 40,
    ('10.0.' || i % 8 || '.' || i % 200)::inet, i % 3 = 0, decode(lpad(to_hex(i % 256), 2, '0'), 'hex'), i % 90 * interval '1 hour',
    md5((i % 3000)::text)::uuid, ARRAY[1 + i % 4]::positive[]
FROM generate_series(1, 20000) AS i;
ALTER TABLE "Sales 2024"."Order Lines" ADD COLUMN gone int;
ALTER TABLE "Sales 2024"."Order Lines" DROP COLUMN gone;
ALTER TABLE "Sales 2024"."Order Lines" ADD COLUMN region int, ADD COLUMN city int;
UPDATE "Sales 2024"."Order Lines" SET region = "Line Id" % 10, city = "Line Id" % 200;
CREATE INDEX "by at" ON "Sales 2024"."Order Lines" (at DESC);
CREATE INDEX lines_expression ON "Sales 2024"."Order Lines" (lower(code), (net / 2));
CREATE INDEX lines_partial ON "Sales 2024"."Order Lines" ("select") WHERE mood = 'happy';
CREATE INDEX lines_document ON "Sales 2024"."Order Lines" USING gin (document jsonb_path_ops);
CREATE INDEX lines_words ON "Sales 2024"."Order Lines" USING gin (to_tsvector('english', code::text));
CREATE INDEX lines_brin ON "Sales 2024"."Order Lines" USING brin (at);
CREATE INDEX lines_gist ON "Sales 2024"."Order Lines" USING gist (span);
CREATE INDEX lines_hash ON "Sales 2024"."Order Lines" USING hash (uid);
CREATE INDEX lines_covering ON "Sales 2024"."Order Lines" (city) INCLUDE (region, net);
CREATE STATISTICS "Sales 2024".lines_region (ndistinct, dependencies) ON region, city, "select" FROM "Sales 2024"."Order Lines";
ALTER TABLE "Sales 2024"."Order Lines" ALTER COLUMN code SET STATISTICS 500;

CREATE TABLE aux.lookup (id int PRIMARY KEY, name text UNIQUE, owner name DEFAULT current_user);
INSERT INTO aux.lookup SELECT i, 'lookup ' || i FROM generate_series(0, 99) AS i;
ALTER TABLE "Sales 2024"."Order Lines" ADD CONSTRAINT "to lookup" FOREIGN KEY ("select") REFERENCES aux.lookup;
ALTER TABLE aux.lookup ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON aux.lookup USING (owner = current_user);

CREATE TABLE events (id bigint, at date NOT NULL, kind int NOT NULL, PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2024_a PARTITION OF events_2024 FOR VALUES IN (0, 1, 2);
CREATE TABLE events_2024_rest PARTITION OF events_2024 DEFAULT;
CREATE INDEX events_kind ON events (kind);
INSERT INTO events SELECT i, '2023-01-01'::date + i % 700, i % 6 FROM generate_series(1, 15000) AS i;

CREATE TABLE measure (id int, value float);
CREATE TABLE measure_old () INHERITS (measure);
INSERT INTO measure SELECT i, i / 7.0 FROM generate_series(1, 5000) AS i;
INSERT INTO measure_old SELECT i, i / 3.0 FROM generate_series(1, 3000) AS i;

CREATE VIEW recent AS SELECT * FROM events WHERE at >= '2024-06-01';
CREATE MATERIALIZED VIEW totals AS SELECT kind, at, count(*) AS number FROM events GROUP BY kind, at;
CREATE UNIQUE INDEX ON totals (kind, at);
CREATE UNLOGGED TABLE scratch AS SELECT i AS id, i % 10 AS ten FROM generate_series(1, 1000) AS i;
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'nowhere');
CREATE FOREIGN TABLE remote (id int OPTIONS (column_name 'ID') NOT NULL, "server" text) SERVER elsewhere OPTIONS (schema_name 'a', table_name 'b');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON measure FOR EACH ROW EXECUTE FUNCTION touch();
VACUUM (ANALYZE);
