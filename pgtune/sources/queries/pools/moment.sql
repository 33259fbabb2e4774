-- The server's clock, which all ages go by.
SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())::float8 AS now_s
