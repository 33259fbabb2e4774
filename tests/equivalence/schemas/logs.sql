CREATE TABLE hosts (
    name text PRIMARY KEY,
    region text
);
CREATE TABLE logs (
    id bigint NOT NULL,
    host text REFERENCES hosts,
    at timestamp NOT NULL,
    level int NOT NULL,
    message text,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE logs_2024_01 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE logs_2024_02 PARTITION OF logs FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
