-- 200,000 sessions of the users, in the order they began.
BEGIN;
CREATE TABLE sessions (
    id integer NOT NULL,
    user_id integer NOT NULL,
    device text NOT NULL,
    started_at timestamptz NOT NULL,
    duration_s integer NOT NULL,
    last_seen_at timestamptz NOT NULL
);

INSERT INTO sessions
SELECT i,
       1 + (49999 * uniform(i, 51) ^ 2)::integer,
       'device ' || (200 * uniform(i, 52))::integer,
       began,
       (3600 * uniform(i, 53) ^ 3)::integer,
       began + interval '1 hour'
FROM generate_series(1, 200000) AS i,
     LATERAL (SELECT timestamptz '2024-01-01 00:00:00+00' + i * interval '150 seconds' AS began) AS clock;
COMMIT;

ALTER TABLE sessions ADD PRIMARY KEY (id);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_started_at_idx ON sessions (started_at);
