-- The country decides the currency and the carrier. The planner multiplies the three as if they were
-- independent.
-- pgtune: trips misestimated-rows
SELECT status, count(*)
FROM orders
WHERE country = 'country 20' AND currency = 'currency 10' AND carrier = 'carrier 6'
GROUP BY status
