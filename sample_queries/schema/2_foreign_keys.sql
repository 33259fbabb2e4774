-- orders.user_id and order_items.product_id have no index behind them.
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id);
ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders (id);
ALTER TABLE order_items ADD FOREIGN KEY (product_id) REFERENCES products (id);
ALTER TABLE sessions ADD FOREIGN KEY (user_id) REFERENCES users (id);
