-- 50,000 users. The postcode decides the city and the city the country, which the planner cannot know.
CREATE TABLE users (
    id integer NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    city text NOT NULL,
    postcode text NOT NULL,
    plan text NOT NULL,
    created_at timestamptz NOT NULL
);

INSERT INTO users
SELECT i,
       'user' || i || '@example.com',
       'User ' || i,
       'country ' || (place / 100),
       'city ' || (place / 10),
       lpad(place::text, 5, '0'),
       CASE WHEN uniform(i, 12) < 0.9 THEN 'free' WHEN uniform(i, 12) < 0.99 THEN 'plus' ELSE 'business' END,
       timestamptz '2022-01-01 00:00:00+00' + i * interval '20 minutes'
FROM generate_series(1, 50000) AS i,
     LATERAL (SELECT (1000 * uniform(i, 11) ^ 2)::integer AS place) AS home;

ALTER TABLE users ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX users_email_key ON users (email);
