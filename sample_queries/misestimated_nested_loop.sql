-- The country decides the currency and the carrier, so far more orders match than expected, and the loop
-- over order_items that would have been right for a few of them runs for all of them.
-- pgtune: trips misestimated-nested-loop
SELECT sum(i.quantity * i.unit_price)
FROM orders o
JOIN order_items i ON i.order_id = o.id
WHERE o.country = 'country 20' AND o.currency = 'currency 10' AND o.carrier = 'carrier 6'
