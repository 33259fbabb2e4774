-- 300,000 events of 2024 in twelve monthly partitions. December comes later: see 4_since_then.sql.
BEGIN;
CREATE TABLE events (
    id integer NOT NULL,
    user_id integer NOT NULL,
    kind text NOT NULL,
    amount integer NOT NULL,
    occurred_at timestamptz NOT NULL
) PARTITION BY RANGE (occurred_at);

CREATE TABLE events_2024_01 PARTITION OF events
    FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00');
CREATE TABLE events_2024_02 PARTITION OF events
    FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');
CREATE TABLE events_2024_03 PARTITION OF events
    FOR VALUES FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');
CREATE TABLE events_2024_04 PARTITION OF events
    FOR VALUES FROM ('2024-04-01 00:00:00+00') TO ('2024-05-01 00:00:00+00');
CREATE TABLE events_2024_05 PARTITION OF events
    FOR VALUES FROM ('2024-05-01 00:00:00+00') TO ('2024-06-01 00:00:00+00');
CREATE TABLE events_2024_06 PARTITION OF events
    FOR VALUES FROM ('2024-06-01 00:00:00+00') TO ('2024-07-01 00:00:00+00');
CREATE TABLE events_2024_07 PARTITION OF events
    FOR VALUES FROM ('2024-07-01 00:00:00+00') TO ('2024-08-01 00:00:00+00');
CREATE TABLE events_2024_08 PARTITION OF events
    FOR VALUES FROM ('2024-08-01 00:00:00+00') TO ('2024-09-01 00:00:00+00');
CREATE TABLE events_2024_09 PARTITION OF events
    FOR VALUES FROM ('2024-09-01 00:00:00+00') TO ('2024-10-01 00:00:00+00');
CREATE TABLE events_2024_10 PARTITION OF events
    FOR VALUES FROM ('2024-10-01 00:00:00+00') TO ('2024-11-01 00:00:00+00');
CREATE TABLE events_2024_11 PARTITION OF events
    FOR VALUES FROM ('2024-11-01 00:00:00+00') TO ('2024-12-01 00:00:00+00');
CREATE TABLE events_2024_12 PARTITION OF events
    FOR VALUES FROM ('2024-12-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');

-- 96.48 seconds apart, 300,000 fill eleven months.
INSERT INTO events
SELECT i,
       1 + (49999 * uniform(i, 71) ^ 2)::integer,
       CASE WHEN uniform(i, 72) < 0.95 THEN 'view' WHEN uniform(i, 72) < 0.995 THEN 'cart' ELSE 'checkout' END,
       (1000 * uniform(i, 73))::integer,
       timestamptz '2024-01-01 00:00:00+00' + i * interval '96.48 seconds'
FROM generate_series(1, 299999) AS i;
COMMIT;

CREATE INDEX events_occurred_at_idx ON events (occurred_at);
