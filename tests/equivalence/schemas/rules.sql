CREATE TABLE t (
    id int PRIMARY KEY,
    n int NOT NULL,
    a int,
    b int,
    s text,
    ts timestamp
);
CREATE TABLE u (
    id int PRIMARY KEY,
    tid int,
    x int,
    xn int NOT NULL
);
CREATE TABLE tk (
    id int PRIMARY KEY,
    k int NOT NULL UNIQUE
);
CREATE TABLE f (
    id int PRIMARY KEY,
    z int,
    tk_id int NOT NULL REFERENCES tk,
    tk_null int REFERENCES tk
);
CREATE TABLE h (a int);
