-- different: a dot that is not escaped stands for any character
SELECT id FROM subscribers WHERE street ~ '^[a-z]+\.street$';
SELECT id FROM subscribers WHERE street ~ '^[a-z]+.street$';

-- different: the other set of characters lacks the dot
SELECT id, email FROM subscribers WHERE email ~ '^[a-z][a-z0-9_.-]*@example\.org$';
SELECT id, email FROM subscribers WHERE email ~ '^[a-z][a-z0-9_-]*@example\.org$';

-- different: without an anchor the expression matches in the middle
SELECT id FROM subscribers WHERE plate ~ '^OS-[0-9]+';
SELECT id FROM subscribers WHERE plate ~ 'OS-[0-9]+';

-- different: letter case
SELECT id FROM subscribers WHERE street ~* '^main (road|street)$';
SELECT id FROM subscribers WHERE street ~ '^main (road|street)$';

-- different: LIKE takes numbers of any length
SELECT id FROM subscribers WHERE plate ~ '^B-[0-9]{3}$';
SELECT id FROM subscribers WHERE plate LIKE 'B-%';

-- equal: what the CHECK of the table demands already
SELECT id, plate FROM subscribers WHERE plate IS NOT NULL;
SELECT id, plate FROM subscribers WHERE plate ~ '^[[:upper:]]+-\d+$';

-- equal: a prefix
SELECT id FROM subscribers WHERE street ~ '^north';
SELECT id FROM subscribers WHERE starts_with(street, 'north');

-- different: another address gives the same text
SELECT count(DISTINCT (column_no, row_no)) FROM subscribers;
SELECT count(DISTINCT column_no || '' || row_no) FROM subscribers;

-- different: a separator that the parts may hold themselves
SELECT street, house, count(*) FROM subscribers GROUP BY street, house HAVING count(*) > 1;
SELECT min(street), min(house), count(*) FROM subscribers GROUP BY concat(street, '-', house) HAVING count(*) > 1;

-- equal: a separator that numbers do not hold
SELECT count(DISTINCT (column_no, row_no)) FROM subscribers;
SELECT count(DISTINCT concat_ws('/', column_no, row_no)) FROM subscribers;

-- different: numbers compared as text
SELECT id FROM subscribers WHERE (settings ->> 'age')::int > 18;
SELECT id FROM subscribers WHERE settings ->> 'age' > '18';

-- different: an empty array has no element to count
SELECT id, jsonb_array_length(settings -> 'lists') FROM subscribers WHERE jsonb_typeof(settings -> 'lists') = 'array';
SELECT s.id, count(*)::int FROM subscribers s, jsonb_array_elements(CASE WHEN jsonb_typeof(settings -> 'lists') = 'array' THEN settings -> 'lists' ELSE '[]' END) GROUP BY s.id;

-- different: who becomes 18 in that year is not 18 yet
SELECT id FROM subscribers WHERE age(date '2024-06-01', born) >= interval '18 years';
SELECT id FROM subscribers WHERE 2024 - extract(year FROM born) >= 18;

-- equal: the birthday is moved, or the day
SELECT id FROM subscribers WHERE born <= date '2024-06-01' - interval '18 years';
SELECT id FROM subscribers WHERE born + interval '18 years' <= date '2024-06-01';

-- different: months have different lengths
SELECT id FROM subscribers WHERE born + interval '1 month' >= '2024-03-31';
SELECT id FROM subscribers WHERE born >= date '2024-03-31' - interval '1 month';

-- equal: neighbours counted, and looked for
SELECT s.id FROM subscribers s WHERE (SELECT count(*) FROM subscribers o WHERE o.street = s.street AND o.id <> s.id) > 0;
SELECT s.id FROM subscribers s WHERE EXISTS (SELECT 1 FROM subscribers o WHERE o.street = s.street AND o.id <> s.id);

-- different: the month ends with its last day
SELECT id FROM subscribers WHERE to_char(born, 'YYYY-MM') = '2000-02';
SELECT id FROM subscribers WHERE born BETWEEN '2000-02-01' AND '2000-02-28';

-- equal: a month, and its days
SELECT id FROM subscribers WHERE to_char(born, 'YYYY-MM') = '2000-02';
SELECT id FROM subscribers WHERE born >= '2000-02-01' AND born < '2000-03-01';

-- different: the same month of any year
SELECT id FROM subscribers WHERE to_char(born, 'YYYY-MM') = '2000-02';
SELECT id FROM subscribers WHERE to_char(born, 'MM') = '02';
