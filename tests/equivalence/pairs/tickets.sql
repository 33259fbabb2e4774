-- different: labels sort as they were declared, texts by letter
SELECT id FROM tickets WHERE status > 'new';
SELECT id FROM tickets WHERE status::text > 'new';

-- equal: labels in their order
SELECT id FROM tickets WHERE status > 'open';
SELECT id FROM tickets WHERE status IN ('waiting', 'closed');

-- different: one label is missing
SELECT id FROM tickets WHERE status <> 'closed';
SELECT id FROM tickets WHERE status IN ('new', 'open');

-- equal: all labels but one
SELECT id FROM tickets WHERE status <> 'closed';
SELECT id FROM tickets WHERE status = ANY (ARRAY['new', 'open', 'waiting']::ticket_status[]);

-- different: an array without tags, or no array
SELECT id FROM tickets WHERE NOT 'bug' = ANY (coalesce(tags, '{}'));
SELECT id FROM tickets WHERE NOT 'bug' = ANY (tags);

-- different: an array contains all of them, or shares one
SELECT id FROM tickets WHERE tags @> ARRAY['bug', 'ui'];
SELECT id FROM tickets WHERE tags && ARRAY['bug', 'ui'];

-- equal: contains both is contains each
SELECT id FROM tickets WHERE tags @> ARRAY['bug', 'ui'];
SELECT id FROM tickets WHERE 'bug' = ANY (tags) AND 'ui' = ANY (tags);

-- equal: one of them by containment and by ANY
SELECT id FROM tickets WHERE tags @> ARRAY['bug'];
SELECT id FROM tickets WHERE 'bug' = ANY (tags);

-- different: the length of an empty array is NULL
SELECT id FROM tickets WHERE cardinality(tags) = 0;
SELECT id FROM tickets WHERE array_length(tags, 1) = 0;

-- equal: the length of an empty array, with NULL taken for it
SELECT id, cardinality(tags) FROM tickets WHERE tags IS NOT NULL;
SELECT id, coalesce(array_length(tags, 1), 0) FROM tickets WHERE tags IS NOT NULL;

-- different: unnest gives no row for a ticket without tags
SELECT t.id, u.tag FROM tickets t LEFT JOIN LATERAL unnest(t.tags) AS u(tag) ON true;
SELECT t.id, u.tag FROM tickets t, unnest(t.tags) AS u(tag);

-- equal: unnest in the SELECT list is a cross join
SELECT id, unnest(tags) FROM tickets;
SELECT t.id, u.tag FROM tickets t CROSS JOIN LATERAL unnest(t.tags) AS u(tag);

-- different: a tag that stands twice in one array
SELECT id FROM tickets WHERE 'bug' = ANY (tags);
SELECT t.id FROM tickets t, unnest(t.tags) AS u(tag) WHERE u.tag = 'bug';

-- equal: the semi-join does not repeat it
SELECT id FROM tickets WHERE 'bug' = ANY (tags);
SELECT t.id FROM tickets t WHERE EXISTS (SELECT FROM unnest(t.tags) AS u(tag) WHERE u.tag = 'bug');

-- different: array_agg keeps NULLs
SELECT ticket_id, array_agg(author ORDER BY author) FROM comments GROUP BY ticket_id;
SELECT ticket_id, array_agg(author ORDER BY author) FILTER (WHERE author IS NOT NULL) FROM comments GROUP BY ticket_id;

-- equal: array_agg without the NULLs, removed before or after
SELECT ticket_id, array_remove(array_agg(author ORDER BY author), NULL) FROM comments GROUP BY ticket_id;
SELECT ticket_id, coalesce(array_agg(author ORDER BY author) FILTER (WHERE author IS NOT NULL), '{}') FROM comments GROUP BY ticket_id;

-- different: array_agg over no rows is NULL, ARRAY of no rows is empty
SELECT t.id, ARRAY(SELECT c.id FROM comments c WHERE c.ticket_id = t.id ORDER BY c.id) FROM tickets t;
SELECT t.id, (SELECT array_agg(c.id ORDER BY c.id) FROM comments c WHERE c.ticket_id = t.id) FROM tickets t;

-- equal: and COALESCE makes it empty
SELECT t.id, ARRAY(SELECT c.id FROM comments c WHERE c.ticket_id = t.id ORDER BY c.id) FROM tickets t;
SELECT t.id, coalesce((SELECT array_agg(c.id ORDER BY c.id) FROM comments c WHERE c.ticket_id = t.id), '{}') FROM tickets t;

-- different: string_agg in ascending or descending order
SELECT ticket_id, string_agg(body, ',' ORDER BY id) FROM comments GROUP BY ticket_id;
SELECT ticket_id, string_agg(body, ',' ORDER BY id DESC) FROM comments GROUP BY ticket_id;

-- different: || gives NULL where one part is NULL, concat does not
SELECT id, author || ': ' || body FROM comments;
SELECT id, concat(author, ': ', body) FROM comments;

-- equal: concat spelled out
SELECT id, concat(author, ': ', body) FROM comments;
SELECT id, coalesce(author, '') || ': ' || coalesce(body, '') FROM comments;

-- different: concat_ws leaves out the separator with the NULL
SELECT id, concat_ws(' ', author, body) FROM comments;
SELECT id, coalesce(author, '') || ' ' || coalesce(body, '') FROM comments;

-- different: a range contains its lower bound and not its upper one
SELECT id FROM tickets WHERE open_days @> 5;
SELECT id FROM tickets WHERE lower(open_days) <= 5 AND upper(open_days) >= 5;

-- different: a range without a bound has none to compare
SELECT id FROM tickets WHERE open_days @> 5;
SELECT id FROM tickets WHERE lower(open_days) <= 5 AND upper(open_days) > 5;

-- equal: ranges overlap if the intersection is not empty
SELECT a.id, b.id FROM tickets a JOIN tickets b ON a.open_days && b.open_days;
SELECT a.id, b.id FROM tickets a JOIN tickets b ON NOT isempty(a.open_days * b.open_days);

-- equal: overlap is symmetric
SELECT a.id, b.id FROM tickets a JOIN tickets b ON a.open_days && b.open_days;
SELECT a.id, b.id FROM tickets a JOIN tickets b ON b.open_days && a.open_days;

-- different: containing is not overlapping
SELECT a.id, b.id FROM tickets a JOIN tickets b ON a.id < b.id AND a.open_days && b.open_days;
SELECT a.id, b.id FROM tickets a JOIN tickets b ON a.id < b.id AND a.open_days @> b.open_days;

-- different: blanks at the end of a char(n) do not count, those of a text do
SELECT id FROM tickets WHERE code = 'AB  ';
SELECT id FROM tickets WHERE code::text = 'AB  ';

-- equal: char(n) compares without the blanks
SELECT id FROM tickets WHERE code = 'AB  ';
SELECT id FROM tickets WHERE code::text = 'AB';

-- different: LIKE knows the blanks that = does not
SELECT id FROM tickets WHERE code = 'AB';
SELECT id FROM tickets WHERE code LIKE 'AB';

-- different: the underscore is any letter
SELECT id FROM comments WHERE body LIKE 'a\_b';
SELECT id FROM comments WHERE body LIKE 'a_b';

-- equal: without a wildcard LIKE is =
SELECT id FROM comments WHERE body LIKE 'a\_b';
SELECT id FROM comments WHERE body = 'a_b';

-- different: a prefix is not a part
SELECT id FROM comments WHERE body LIKE 'err%';
SELECT id FROM comments WHERE body LIKE '%err%';

-- equal: a prefix, three ways
SELECT id FROM comments WHERE body LIKE 'err%';
SELECT id FROM comments WHERE starts_with(body, 'err') AND left(body, 3) = 'err';

-- different: ILIKE takes no notice of case
SELECT id FROM comments WHERE body LIKE 'err%';
SELECT id FROM comments WHERE body ILIKE 'err%';

-- equal: NOT LIKE leaves NULL out as NOT (... LIKE ...) does
SELECT id FROM comments WHERE body NOT LIKE '%x%';
SELECT id FROM comments WHERE NOT body LIKE '%x%';

-- different: NOT LIKE leaves NULL out
SELECT id FROM comments WHERE body NOT LIKE '%x%';
SELECT id FROM comments WHERE (body LIKE '%x%') IS NOT TRUE;

-- different: the empty text is not NULL
SELECT id FROM comments WHERE coalesce(body, '') = '';
SELECT id FROM comments WHERE body IS NULL;

-- equal: nullif and the empty text
SELECT id FROM comments WHERE coalesce(body, '') = '';
SELECT id FROM comments WHERE nullif(body, '') IS NULL;

-- different: upper and lower case are two authors
SELECT count(DISTINCT author) FROM comments;
SELECT count(DISTINCT lower(author)) FROM comments;

-- different: trim takes the blanks of both ends
SELECT id FROM comments WHERE trim(author) = 'ann';
SELECT id FROM comments WHERE rtrim(author) = 'ann';

-- different: the agent's tickets that are open, or his tickets and all that are open
SELECT id FROM tickets WHERE agent_id = 1 AND (status = 'open' OR priority = 1);
SELECT id FROM tickets WHERE agent_id = 1 AND status = 'open' OR priority = 1;

-- equal: AND distributes over OR
SELECT id FROM tickets WHERE agent_id = 1 AND (status = 'open' OR priority = 1);
SELECT id FROM tickets WHERE agent_id = 1 AND status = 'open' OR agent_id = 1 AND priority = 1;

-- different: the highest priority is the smallest number
SELECT agent_id, min(priority) FROM tickets GROUP BY agent_id;
SELECT agent_id, max(priority) FROM tickets GROUP BY agent_id;

-- different: NULLs sort last or first
SELECT id, priority FROM tickets ORDER BY priority, id;
SELECT id, priority FROM tickets ORDER BY priority NULLS FIRST, id;

-- equal: NULLs sort last by themselves
SELECT id, priority FROM tickets ORDER BY priority, id;
SELECT id, priority FROM tickets ORDER BY priority IS NULL, priority, id;

-- different: a skill of the agent, or all of them
SELECT t.id FROM tickets t JOIN agents a ON a.id = t.agent_id WHERE t.tags <@ a.skills;
SELECT t.id FROM tickets t JOIN agents a ON a.id = t.agent_id WHERE t.tags && a.skills;

-- different: <> ALL of a NULL array is NULL
SELECT id FROM tickets WHERE (tags IS NULL OR 'bug' <> ALL (tags));
SELECT id FROM tickets WHERE 'bug' <> ALL (tags);

-- equal: an array parameter with and without ANY
SELECT id FROM tickets WHERE agent_id = ANY ($1::int[]);
SELECT id FROM tickets WHERE agent_id IN (SELECT unnest($1::int[]));

-- different: a join with the array repeats what stands twice in it
SELECT id FROM tickets WHERE agent_id = ANY ($1::int[]);
SELECT t.id FROM tickets t JOIN unnest($1::int[]) AS w(agent_id) ON w.agent_id = t.agent_id;

-- different: a status sorts as it was declared, its name by letters
SELECT t.id FROM tickets t ORDER BY t.status;
SELECT t.id FROM tickets t ORDER BY t.status::text;

-- different: tickets of no priority first, or last
SELECT t.id FROM tickets t ORDER BY t.priority NULLS FIRST, t.id % 4;
SELECT t.id FROM tickets t ORDER BY t.priority NULLS LAST, t.id % 4;
