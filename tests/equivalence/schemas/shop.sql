CREATE TABLE customers (
    id int PRIMARY KEY,
    email text NOT NULL UNIQUE,
    country char(2),
    referred_by int REFERENCES customers
);
CREATE TABLE products (
    id int PRIMARY KEY,
    name text NOT NULL,
    category text,
    price numeric(8, 2) NOT NULL CHECK (price >= 0)
);
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers,
    status text NOT NULL CHECK (status IN ('open', 'paid', 'shipped', 'void')),
    placed timestamp NOT NULL,
    discount numeric(4, 2)
);
CREATE TABLE lineitems (
    order_id int NOT NULL REFERENCES orders,
    line int NOT NULL,
    product_id int REFERENCES products,
    quantity int NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    PRIMARY KEY (order_id, line)
);
