CREATE TYPE ticket_status AS ENUM ('new', 'open', 'waiting', 'closed');
CREATE DOMAIN priority AS int CHECK (VALUE BETWEEN 1 AND 5);
CREATE TABLE agents (
    id int PRIMARY KEY,
    name varchar(20) NOT NULL,
    skills text[] NOT NULL
);
CREATE TABLE tickets (
    id int PRIMARY KEY,
    status ticket_status NOT NULL,
    priority priority,
    agent_id int REFERENCES agents,
    tags text[],
    open_days int4range,
    code char(4)
);
CREATE TABLE comments (
    id int PRIMARY KEY,
    ticket_id int NOT NULL REFERENCES tickets,
    author text,
    body text
);
