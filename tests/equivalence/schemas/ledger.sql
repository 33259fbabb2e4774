CREATE TABLE accounts (
    id int PRIMARY KEY,
    owner text NOT NULL,
    kind text NOT NULL DEFAULT 'cash',
    limit_amount numeric(12, 2)
);
CREATE TABLE entries (
    id int PRIMARY KEY,
    account_id int NOT NULL REFERENCES accounts,
    booked date NOT NULL,
    amount numeric(12, 2) NOT NULL,
    fee numeric(12, 2),
    rate float8
);
CREATE VIEW balances AS
SELECT a.id, a.owner, coalesce(sum(e.amount), 0) AS balance
FROM accounts a LEFT JOIN entries e ON e.account_id = a.id GROUP BY a.id;
