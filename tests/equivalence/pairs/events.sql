-- different: ->> gives text, -> gives JSON with its quotes
SELECT id FROM events WHERE payload ->> 'type' = 'click';
SELECT id FROM events WHERE (payload -> 'type')::text = 'click';

-- equal: a text in JSON, by containment
SELECT id FROM events WHERE payload ->> 'type' = 'click' AND jsonb_typeof(payload -> 'type') = 'string';
SELECT id FROM events WHERE payload -> 'type' = '"click"';

-- different: a key that is missing is not a key that is null
SELECT id FROM events WHERE payload -> 'type' IS NULL;
SELECT id FROM events WHERE payload ->> 'type' IS NULL;

-- equal: a key that is there
SELECT id FROM events WHERE payload ? 'type' AND jsonb_typeof(payload) = 'object';
SELECT id FROM events WHERE payload -> 'type' IS NOT NULL;

-- different: the key exists, or has a value
SELECT id FROM events WHERE jsonb_typeof(payload) = 'object' AND payload ? 'type';
SELECT id FROM events WHERE jsonb_typeof(payload) = 'object' AND payload ->> 'type' IS NOT NULL;

-- different: numbers compared as text
SELECT id FROM events WHERE CASE jsonb_typeof(payload -> 'n') WHEN 'number' THEN (payload -> 'n')::numeric > 9 END;
SELECT id FROM events WHERE CASE jsonb_typeof(payload -> 'n') WHEN 'number' THEN payload ->> 'n' > '9' END;

-- different: not containing leaves out those without payload
SELECT id FROM events WHERE NOT payload @> '{"type": "click"}';
SELECT id FROM events WHERE (payload @> '{"type": "click"}') IS NOT TRUE;

-- equal: a boolean compared with false, or negated
SELECT id FROM users WHERE active = false;
SELECT id FROM users WHERE NOT active;

-- different: NULL is not true, and not false either
SELECT id FROM users WHERE active IS NOT TRUE;
SELECT id FROM users WHERE NOT active;

-- different: bool_and over no events is NULL
SELECT u.id, NOT EXISTS (SELECT FROM events e WHERE e.user_id = u.id AND e.kind <> 'login') FROM users u;
SELECT u.id, (SELECT bool_and(e.kind = 'login') FROM events e WHERE e.user_id = u.id) FROM users u;

-- equal: bool_and over no events, taken for true
SELECT u.id, NOT EXISTS (SELECT FROM events e WHERE e.user_id = u.id AND e.kind <> 'login') FROM users u;
SELECT u.id, coalesce((SELECT bool_and(e.kind = 'login') FROM events e WHERE e.user_id = u.id), true) FROM users u;

-- different: users with a login but no purchase
SELECT user_id FROM events WHERE kind = 'login' EXCEPT SELECT user_id FROM events WHERE kind = 'purchase';
SELECT DISTINCT user_id FROM events WHERE kind = 'login' AND kind <> 'purchase';

-- equal: users with a login but no purchase, NULL as a user of its own
SELECT user_id FROM events WHERE kind = 'login' EXCEPT SELECT user_id FROM events WHERE kind = 'purchase';
SELECT user_id FROM events GROUP BY user_id
HAVING count(*) FILTER (WHERE kind = 'login') > 0 AND count(*) FILTER (WHERE kind = 'purchase') = 0;

-- different: events of one moment are counted together, or one after the other
SELECT id, count(*) OVER (ORDER BY at) FROM events;
SELECT id, count(*) OVER (ORDER BY at, id) FROM events;

-- equal: RANGE up to the current row counts its peers
SELECT id, count(*) OVER (ORDER BY at) FROM events;
SELECT e.id, (SELECT count(*) FROM events b WHERE b.at <= e.at) FROM events e;

-- different: the last value of a frame that ends at the current row
SELECT id, last_value(id) OVER (PARTITION BY user_id ORDER BY at, id) FROM events;
SELECT id, last_value(id) OVER (PARTITION BY user_id ORDER BY at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
FROM events;

-- equal: the first value needs no such frame
SELECT id, first_value(id) OVER (PARTITION BY user_id ORDER BY at, id) FROM events;
SELECT id, first_value(id) OVER (PARTITION BY user_id ORDER BY at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
FROM events;

-- different: a condition that goes below the window changes what lag sees
SELECT id, before FROM (SELECT id, kind, lag(id) OVER (PARTITION BY user_id ORDER BY at, id) AS before FROM events) s
WHERE kind = 'click';
SELECT id, lag(id) OVER (PARTITION BY user_id ORDER BY at, id) FROM events WHERE kind = 'click';

-- equal: a condition on the partition may go below
SELECT id, before FROM (SELECT id, user_id, lag(id) OVER (PARTITION BY user_id ORDER BY at, id) AS before FROM events) s
WHERE user_id = 1;
SELECT id, lag(id) OVER (PARTITION BY user_id ORDER BY at, id) FROM events WHERE user_id = 1;

-- different: three rows and then the filter, or three of those filtered
SELECT id FROM (SELECT id, kind FROM events ORDER BY at, id LIMIT 3) s WHERE kind = 'click';
SELECT id FROM events WHERE kind = 'click' ORDER BY at, id LIMIT 3;

-- equal: LIMIT in a sub-query that orders the same way
SELECT id FROM (SELECT id, at FROM events ORDER BY at, id LIMIT 5) s ORDER BY at, id LIMIT 3;
SELECT id FROM events ORDER BY at, id LIMIT 3;

-- different: OFFSET is part of it
SELECT id FROM events ORDER BY at, id LIMIT 2 OFFSET 1;
SELECT id FROM events ORDER BY at, id LIMIT 2;

-- different: WITH TIES returns those who tie with the last
SELECT id FROM events ORDER BY at FETCH FIRST 2 ROWS WITH TIES;
SELECT id FROM events ORDER BY at, id FETCH FIRST 2 ROWS ONLY;

-- equal: WITH TIES is a rank
SELECT id FROM events ORDER BY at FETCH FIRST 2 ROWS WITH TIES;
SELECT id FROM (SELECT id, at, rank() OVER (ORDER BY at) AS r FROM events) s WHERE r <= 2 ORDER BY at;

-- different: two kinds are not two events
SELECT user_id, count(DISTINCT kind) FROM events GROUP BY user_id HAVING count(DISTINCT kind) >= 2;
SELECT user_id, count(kind) FROM events GROUP BY user_id HAVING count(kind) >= 2;

-- different: users of NULL are no user
SELECT count(*) FROM (SELECT DISTINCT user_id FROM events) s;
SELECT count(DISTINCT user_id) FROM events;

-- equal: and with those of NULL left out
SELECT count(*) FROM (SELECT DISTINCT user_id FROM events WHERE user_id IS NOT NULL) s;
SELECT count(DISTINCT user_id) FROM events;

-- different: GROUP BY takes NULLs together, a self join does not
SELECT e.id, (SELECT count(*) FROM events o WHERE o.user_id = e.user_id) FROM events e;
SELECT id, count(*) OVER (PARTITION BY user_id) FROM events;

-- different: max of text is not the last by time
SELECT user_id, max(kind) FROM events GROUP BY user_id;
SELECT DISTINCT ON (user_id) user_id, kind FROM events ORDER BY user_id, at DESC, id DESC;

-- equal: the maximum by sorting
SELECT max(at) FROM events WHERE kind = 'click';
SELECT (SELECT at FROM events WHERE kind = 'click' ORDER BY at DESC LIMIT 1);

-- different: without a sub-query there is no row for no event
SELECT max(at) FROM events WHERE kind = 'click';
SELECT at FROM events WHERE kind = 'click' ORDER BY at DESC LIMIT 1;

-- equal: a common table expression used twice
WITH c AS (SELECT user_id, count(*) AS n FROM events GROUP BY user_id)
SELECT a.user_id FROM c a WHERE a.n = (SELECT max(n) FROM c);
SELECT user_id FROM (SELECT user_id, count(*) AS n, max(count(*)) OVER () AS most FROM events GROUP BY user_id) s WHERE n = most;

-- different: the sub-query in SELECT returns more than one row for some
SELECT u.id, (SELECT e.kind FROM events e WHERE e.user_id = u.id ORDER BY e.at, e.id LIMIT 1) FROM users u;
SELECT u.id, (SELECT e.kind FROM events e WHERE e.user_id = u.id) FROM users u;

-- different: a condition moved before its guard divides by zero
SELECT id FROM users WHERE CASE WHEN jsonb_typeof(settings -> 'size') = 'number' AND settings ->> 'size' <> '0'
    THEN 100 / (settings ->> 'size')::numeric > 2 ELSE false END;
SELECT id FROM users WHERE jsonb_typeof(settings -> 'size') = 'number' AND 100 / (settings ->> 'size')::numeric > 2;
