-- The sample database of a web shop. Everything in it is computed from the row's number, so that it is
-- the same on every machine. The tables are not UNLOGGED: a crash would empty them. Files with the same
-- leading number are loaded at the same time.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

-- A number from 0 up to 1 that looks random: the same for the same row and seed.
CREATE FUNCTION uniform(row_number bigint, seed bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(row_number, seed) & 4294967295)::double precision / 4294967296::double precision;
