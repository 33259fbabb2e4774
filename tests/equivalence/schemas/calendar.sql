CREATE TABLE rooms (
    id int PRIMARY KEY,
    name text NOT NULL,
    opens time,
    closes time
);
CREATE TABLE bookings (
    id int PRIMARY KEY,
    room_id int NOT NULL REFERENCES rooms,
    starts timestamptz NOT NULL,
    ends timestamptz NOT NULL,
    day date,
    lasts interval,
    during daterange,
    CHECK (starts <= ends)
);
CREATE TABLE holidays (
    day date PRIMARY KEY,
    name text
);
