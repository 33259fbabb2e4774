-- A write: it is planned, and run (then rolled back) only with --allow-writes. Nothing is wrong with it.
-- pgtune: trips none
INSERT INTO logs (data) VALUES ('{"level": "info", "path": "/products/1", "ms": 3}')
