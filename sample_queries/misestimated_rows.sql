-- The country decides the currency and the carrier. The planner multiplies the three as if they were
-- independent and expects a few orders where there are thousands.
-- pgtune: trips misestimated-rows
SELECT sum(i.quantity * i.unit_price)
FROM orders o
JOIN order_items i ON i.order_id = o.id
WHERE o.country = 'country 20' AND o.currency = 'currency 10' AND o.carrier = 'carrier 6'
