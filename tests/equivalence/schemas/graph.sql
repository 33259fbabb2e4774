CREATE TABLE nodes (
    id int PRIMARY KEY,
    parent_id int REFERENCES nodes,
    label text
);
CREATE TABLE edges (
    source int NOT NULL REFERENCES nodes,
    target int NOT NULL REFERENCES nodes,
    weight int,
    PRIMARY KEY (source, target)
);
