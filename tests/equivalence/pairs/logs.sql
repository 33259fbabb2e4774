-- different: one partition is not the whole
SELECT id, at FROM logs WHERE level > 2;
SELECT id, at FROM logs_2024_01 WHERE level > 2;

-- equal: a month of the whole is its partition
SELECT id, at FROM logs WHERE at >= '2024-01-01' AND at < '2024-02-01';
SELECT id, at FROM logs_2024_01;

-- different: the bound belongs to the next partition
SELECT id, at FROM logs WHERE at >= '2024-01-01' AND at <= '2024-02-01';
SELECT id, at FROM logs_2024_01;

-- equal: two partitions are two months
SELECT id FROM logs_2024_01 UNION ALL SELECT id FROM logs_2024_02;
SELECT id FROM logs WHERE at >= '2024-01-01' AND at < '2024-03-01';

-- different: the same id may be in two partitions
SELECT count(*) FROM logs WHERE level = 3;
SELECT count(DISTINCT id) FROM logs WHERE level = 3;

-- equal: id and moment are the key
SELECT count(*) FROM logs WHERE level = 3;
SELECT count(*) FROM (SELECT DISTINCT id, at FROM logs WHERE level = 3) s;

-- different: hosts of the region without messages
SELECT h.name, count(l.id) FROM hosts h LEFT JOIN logs l ON l.host = h.name AND l.level >= 3 WHERE h.region = 'eu' GROUP BY h.name;
SELECT h.name, count(l.id) FROM hosts h LEFT JOIN logs l ON l.host = h.name WHERE h.region = 'eu' AND l.level >= 3 GROUP BY h.name;

-- equal: a sub-query that filters before the outer join
SELECT h.name, count(l.id) FROM hosts h LEFT JOIN logs l ON l.host = h.name AND l.level >= 3 WHERE h.region = 'eu' GROUP BY h.name;
SELECT h.name, count(l.id) FROM hosts h LEFT JOIN (SELECT * FROM logs WHERE level >= 3) l ON l.host = h.name
WHERE h.region = 'eu' GROUP BY h.name;

-- different: logs without a host are of no region
SELECT l.id FROM logs l WHERE l.host IN (SELECT name FROM hosts WHERE region = 'eu') IS NOT TRUE;
SELECT l.id FROM logs l JOIN hosts h ON h.name = l.host WHERE h.region <> 'eu';

-- equal: an hour truncated, or a range
SELECT id FROM logs WHERE date_trunc('hour', at) = '2024-01-15 10:00';
SELECT id FROM logs WHERE at >= '2024-01-15 10:00' AND at < '2024-01-15 11:00';

-- different: the last second of the hour
SELECT id FROM logs WHERE date_trunc('hour', at) = '2024-01-15 10:00';
SELECT id FROM logs WHERE at BETWEEN '2024-01-15 10:00' AND '2024-01-15 10:59:59';

-- different: the modulo of a negative number is negative
SELECT id FROM logs WHERE abs(id % 2) = 1;
SELECT id FROM logs WHERE id % 2 = 1;

-- equal: odd is not even
SELECT id FROM logs WHERE abs(id % 2) = 1;
SELECT id FROM logs WHERE id % 2 <> 0;

-- different: IN with a NULL in the list refuses all
SELECT id FROM logs WHERE level NOT IN (1, 2);
SELECT id FROM logs WHERE level NOT IN (1, 2, NULL);

-- equal: IN with a NULL in the list finds the same
SELECT id FROM logs WHERE level IN (1, 2);
SELECT id FROM logs WHERE level IN (1, 2, NULL);

-- equal: several comparisons with OR are an IN
SELECT id FROM logs WHERE level = 1 OR level = 2 OR level = 5;
SELECT id FROM logs WHERE level = ANY ('{1,2,5,5}');

-- different: a list joined as rows, with one of them twice
SELECT id FROM logs WHERE level IN (1, 2, 2);
SELECT l.id FROM logs l JOIN (VALUES (1), (2), (2)) v(level) ON v.level = l.level;

-- different: levels 2 to 4 without the ends
SELECT id FROM logs WHERE level BETWEEN 2 AND 4;
SELECT id FROM logs WHERE level > 2 AND level < 4;

-- equal: numbers between are three
SELECT id FROM logs WHERE level BETWEEN 2 AND 4;
SELECT id FROM logs WHERE level IN (2, 3, 4);

-- different: strpos takes the pattern as it is
SELECT id FROM logs WHERE strpos(message, '50%') > 0;
SELECT id FROM logs WHERE message LIKE '%50%%';

-- equal: the pattern escaped
SELECT id FROM logs WHERE strpos(message, '50%') > 0;
SELECT id FROM logs WHERE message LIKE '%50\%%';

-- different: the newest of each host, where two are of one moment
SELECT l.id FROM logs l WHERE NOT EXISTS (SELECT FROM logs n WHERE n.host = l.host AND n.at > l.at);
SELECT id FROM (SELECT DISTINCT ON (host) id FROM logs ORDER BY host, at DESC, id) s;

-- equal: the newest of each host by a window
SELECT l.id FROM logs l WHERE l.host IS NOT NULL
AND NOT EXISTS (SELECT FROM logs n WHERE n.host = l.host AND n.at > l.at);
SELECT id FROM (SELECT id, at, max(at) OVER (PARTITION BY host) AS newest FROM logs WHERE host IS NOT NULL) s WHERE at = newest;

-- different: two moments of one day
SELECT count(DISTINCT at) FROM logs;
SELECT count(DISTINCT at::date) FROM logs;

-- different: rows without a level count too
SELECT host, date_trunc('minute', at), avg(nullif(level, 0)) FROM logs GROUP BY 1, 2;
SELECT host, date_trunc('minute', at), sum(nullif(level, 0))::numeric / count(*) FROM logs GROUP BY 1, 2;
