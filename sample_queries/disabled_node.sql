-- Sequential scans are disabled, but there is no other way to read the rows.
-- pgtune: trips disabled-node
-- pgtune: set enable_seqscan = off
SELECT count(*) FROM users WHERE plan = 'business'
