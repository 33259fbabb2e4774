CREATE TABLE subscribers (
    id int PRIMARY KEY,
    email text NOT NULL CHECK (email ~* '^[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,}$'),
    plate varchar(8) CHECK (plate ~ '^[A-Z]{1,3}-[0-9]{1,4}$'),
    street text,
    house text,
    column_no int NOT NULL,
    row_no int NOT NULL,
    born date,
    settings jsonb NOT NULL DEFAULT '{}'
);
