CREATE TABLE users (
    id int PRIMARY KEY,
    settings jsonb,
    active bool
);
CREATE TABLE events (
    id int PRIMARY KEY,
    user_id int REFERENCES users,
    kind text NOT NULL,
    payload jsonb,
    at timestamp NOT NULL
);
