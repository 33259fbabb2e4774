-- equal: a view and what it stands for
SELECT id, balance FROM balances WHERE balance > 10;
SELECT account_id, sum(amount) FROM entries GROUP BY account_id HAVING sum(amount) > 10;

-- different: the view has accounts without entries
SELECT id, balance FROM balances WHERE balance < 10;
SELECT account_id, sum(amount) FROM entries GROUP BY account_id HAVING sum(amount) < 10;

-- different: a running sum over the peers of a day, or row by row
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked) FROM entries;
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id ROWS UNBOUNDED PRECEDING) FROM entries;

-- equal: with a unique order RANGE and ROWS agree
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id) FROM entries;
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id ROWS UNBOUNDED PRECEDING) FROM entries;

-- equal: a running sum by a correlated sub-query
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id) FROM entries;
SELECT e.id, (SELECT sum(p.amount) FROM entries p WHERE p.account_id = e.account_id AND (p.booked, p.id) <= (e.booked, e.id))
FROM entries e;

-- different: the row itself is left out
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id) FROM entries;
SELECT e.id, (SELECT sum(p.amount) FROM entries p WHERE p.account_id = e.account_id AND (p.booked, p.id) < (e.booked, e.id))
FROM entries e;

-- different: three rows or three days
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked RANGE BETWEEN '2 days' PRECEDING AND CURRENT ROW) FROM entries;
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked, id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM entries;

-- equal: three days by a join
SELECT id, sum(amount) OVER (PARTITION BY account_id ORDER BY booked RANGE BETWEEN '2 days' PRECEDING AND CURRENT ROW) FROM entries;
SELECT e.id, sum(p.amount) FROM entries e
JOIN entries p ON p.account_id = e.account_id AND p.booked BETWEEN e.booked - 2 AND e.booked GROUP BY e.id;

-- different: EXCLUDE CURRENT ROW
SELECT id, sum(amount) OVER (PARTITION BY account_id) FROM entries;
SELECT id, sum(amount) OVER (PARTITION BY account_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW)
FROM entries;

-- different: a fee of NULL takes the amount with it
SELECT account_id, sum(amount) + coalesce(sum(fee), 0) FROM entries GROUP BY account_id;
SELECT account_id, sum(amount + fee) FROM entries GROUP BY account_id;

-- equal: the fee of NULL counts nothing, before or after the sum
SELECT account_id, sum(amount) + coalesce(sum(fee), 0) FROM entries GROUP BY account_id;
SELECT account_id, sum(amount + coalesce(fee, 0)) FROM entries GROUP BY account_id;

-- different: the absolute value of a sum
SELECT account_id, sum(abs(amount)) FROM entries GROUP BY account_id;
SELECT account_id, abs(sum(amount)) FROM entries GROUP BY account_id;

-- different: rounded before or after the sum
SELECT account_id, round(sum(amount), 1) FROM entries GROUP BY account_id;
SELECT account_id, sum(round(amount, 1)) FROM entries GROUP BY account_id;

-- equal: a sum of a multiple
SELECT account_id, sum(amount * 3) FROM entries GROUP BY account_id;
SELECT account_id, sum(amount) * 3 FROM entries GROUP BY account_id;

-- equal: the mean of floats is their sum by their number
SELECT account_id, avg(rate) FROM entries GROUP BY account_id;
SELECT account_id, sum(rate) / count(rate) FROM entries WHERE rate IS NOT NULL GROUP BY account_id
UNION ALL SELECT account_id, NULL FROM entries GROUP BY account_id HAVING count(rate) = 0;

-- different: greatest leaves NULL out, CASE does not
SELECT id, greatest(amount, fee) FROM entries;
SELECT id, CASE WHEN amount > fee THEN amount ELSE fee END FROM entries;

-- equal: greatest spelled out
SELECT id, greatest(amount, fee) FROM entries;
SELECT id, CASE WHEN fee > amount THEN fee ELSE amount END FROM entries;

-- different: a ratio turned into a product changes with the sign
SELECT id FROM entries WHERE amount / nullif(fee, 0) > 2;
SELECT id FROM entries WHERE amount > 2 * fee;

-- equal: a ratio turned into a product where the sign is known
SELECT id FROM entries WHERE fee > 0 AND amount / nullif(fee, 0) > 2;
SELECT id FROM entries WHERE fee > 0 AND amount > 2 * fee;

-- different: a square has two roots
SELECT id FROM entries WHERE amount * amount = 4;
SELECT id FROM entries WHERE amount = 2;

-- equal: and these are they
SELECT id FROM entries WHERE amount * amount = 4;
SELECT id FROM entries WHERE amount IN (2, -2);

-- different: an account above its limit, where it has none
SELECT a.id FROM accounts a WHERE NOT (SELECT coalesce(sum(e.amount), 0) FROM entries e WHERE e.account_id = a.id) > a.limit_amount;
SELECT a.id FROM accounts a
WHERE ((SELECT coalesce(sum(e.amount), 0) FROM entries e WHERE e.account_id = a.id) > a.limit_amount) IS NOT TRUE;

-- equal: a comparison with a sum as a join with groups
SELECT a.id FROM accounts a WHERE a.limit_amount < (SELECT sum(e.amount) FROM entries e WHERE e.account_id = a.id);
SELECT a.id FROM accounts a JOIN (SELECT account_id, sum(amount) AS total FROM entries GROUP BY account_id) g
ON g.account_id = a.id AND a.limit_amount < g.total;

-- different: the condition on fees is one on rows, then on the group
SELECT account_id FROM entries GROUP BY account_id HAVING bool_or(fee > 1) AND bool_or(fee < 0);
SELECT DISTINCT account_id FROM entries WHERE fee > 1 AND fee < 0;

-- equal: two conditions on rows of one group
SELECT account_id FROM entries GROUP BY account_id HAVING bool_or(fee > 1) AND bool_or(fee < 0);
SELECT account_id FROM entries WHERE fee > 1 INTERSECT SELECT account_id FROM entries WHERE fee < 0;

-- different: the second largest amount, with or without repetition
SELECT DISTINCT amount FROM entries ORDER BY amount DESC OFFSET 1 LIMIT 1;
SELECT amount FROM entries ORDER BY amount DESC OFFSET 1 LIMIT 1;

-- equal: the second largest amount is the largest of the smaller ones
SELECT (SELECT DISTINCT amount FROM entries ORDER BY amount DESC OFFSET 1 LIMIT 1);
SELECT max(amount) FROM entries WHERE amount < (SELECT max(amount) FROM entries);

-- different: at least 1,000 in all, or in one entry
SELECT account_id FROM entries GROUP BY account_id HAVING sum(amount) >= 1000;
SELECT DISTINCT account_id FROM entries WHERE amount >= 1000;

-- different: nine entries or more with an average above 100
SELECT account_id FROM entries GROUP BY account_id HAVING count(*) > 8 AND avg(amount) > 100;
SELECT account_id FROM entries GROUP BY account_id HAVING count(*) > 9 AND avg(amount) > 100;

-- different: the median by interpolation or as one of the values
SELECT account_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FROM entries GROUP BY account_id;
SELECT account_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) FROM entries GROUP BY account_id;

-- equal: NULLIF spelled out
SELECT id, nullif(fee, 0) FROM entries;
SELECT id, CASE WHEN fee = 0 THEN NULL ELSE fee END FROM entries;

-- different: the week before a day, or that day and the six before it
SELECT booked, sum(total) OVER (ORDER BY booked RANGE BETWEEN '6 days' PRECEDING AND CURRENT ROW) FROM (SELECT booked, sum(amount) AS total FROM entries GROUP BY booked) AS days;
SELECT booked, sum(total) OVER (ORDER BY booked RANGE BETWEEN '7 days' PRECEDING AND CURRENT ROW) FROM (SELECT booked, sum(amount) AS total FROM entries GROUP BY booked) AS days;

-- different: a frame of one row more
SELECT id, max(amount) OVER (ORDER BY booked, id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) FROM entries;
SELECT id, max(amount) OVER (ORDER BY booked, id ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM entries;

-- different: entries on three days in a row, or on three days
SELECT DISTINCT a.account_id FROM entries AS a JOIN entries AS b ON b.account_id = a.account_id AND b.booked = a.booked + 1 JOIN entries AS c ON c.account_id = b.account_id AND c.booked = b.booked + 1;
SELECT account_id FROM entries GROUP BY account_id HAVING count(DISTINCT booked) >= 3;

-- equal: the day after, subtracted or added
SELECT b.id FROM entries AS a JOIN entries AS b ON b.booked = a.booked + 1 WHERE b.amount > a.amount;
SELECT b.id FROM entries AS a JOIN entries AS b ON b.booked - a.booked = 1 WHERE b.amount > a.amount;

-- equal: the entry before by its number, whichever side the sum is on
SELECT b.id FROM entries AS a JOIN entries AS b ON a.id = b.id - 1 WHERE a.account_id = b.account_id;
SELECT b.id FROM entries AS a JOIN entries AS b ON a.id + 1 = b.id WHERE a.account_id = b.account_id;
