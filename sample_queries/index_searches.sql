-- The logs of one minute. The index leads with service_id, which is not given: it is searched once for
-- every service.
-- pgtune: trips index-searches
SELECT count(*)
FROM logs
WHERE logged_at >= '2024-07-01 12:00:00+00' AND logged_at < '2024-07-01 12:01:00+00'
