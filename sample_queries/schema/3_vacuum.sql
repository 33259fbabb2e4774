-- After all loading: while another transaction is open, VACUUM would not mark the pages as all-visible.
VACUUM (ANALYZE) users;
VACUUM (ANALYZE) products;
VACUUM (ANALYZE) orders;
VACUUM (ANALYZE) order_items;
VACUUM (ANALYZE) sessions;
VACUUM (ANALYZE) logs;
VACUUM (ANALYZE) events;
VACUUM (ANALYZE) carts;
