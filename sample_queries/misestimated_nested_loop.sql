-- How long those who buy in a country stay. Far more orders match than the planner expects (see
-- misestimated_rows.sql), and the loop over sessions that would have been right for a few of them runs
-- for all of them.
-- pgtune: trips misestimated-nested-loop
SELECT u.plan, sum(s.duration_s)
FROM orders o
JOIN users u ON u.id = o.user_id
JOIN sessions s ON s.user_id = u.id
WHERE o.country = 'country 25' AND o.currency = 'currency 12' AND o.carrier = 'carrier 8'
GROUP BY u.plan
