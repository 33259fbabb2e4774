CREATE TABLE items (
    id int PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    quantity int NOT NULL DEFAULT 0,
    price numeric(8, 2)
);
CREATE TABLE deliveries (
    id int PRIMARY KEY,
    item_id int NOT NULL REFERENCES items ON DELETE CASCADE,
    quantity int NOT NULL CHECK (quantity BETWEEN 0 AND 1000),
    arrived date
);
CREATE TABLE price_list (
    sku text,
    price numeric(8, 2)
);
CREATE TABLE archive (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id int,
    note text DEFAULT 'moved'
);
