-- equal: two steps as a join and as IN
SELECT DISTINCT b.target FROM edges a JOIN edges b ON b.source = a.target WHERE a.source = 1;
SELECT DISTINCT target FROM edges WHERE source IN (SELECT target FROM edges WHERE source = 1);

-- equal: from one source each node is the target of one edge
SELECT b.target FROM edges a JOIN edges b ON b.source = a.target WHERE a.source = 1;
SELECT target FROM edges WHERE source IN (SELECT target FROM edges WHERE source = 1);

-- different: from any source a node is the target of several
SELECT b.target FROM edges a JOIN edges b ON b.source = a.target;
SELECT target FROM edges WHERE source IN (SELECT target FROM edges);

-- different: UNION ends at a node that was seen, UNION ALL counts the ways
WITH RECURSIVE r(id, depth) AS (
    SELECT 1, 0 UNION SELECT e.target, depth + 1 FROM r JOIN edges e ON e.source = r.id WHERE depth < 3)
SELECT id, depth FROM r;
WITH RECURSIVE r(id, depth) AS (
    SELECT 1, 0 UNION ALL SELECT e.target, depth + 1 FROM r JOIN edges e ON e.source = r.id WHERE depth < 3)
SELECT id, depth FROM r;

-- different: the start is reached before any step, or only by a way back
WITH RECURSIVE r(id) AS (SELECT 1 UNION SELECT e.target FROM r JOIN edges e ON e.source = r.id) SELECT id FROM r;
WITH RECURSIVE r(id) AS (SELECT target FROM edges WHERE source = 1 UNION SELECT e.target FROM r JOIN edges e ON e.source = r.id)
SELECT id FROM r;

-- equal: the start and what its neighbours reach
WITH RECURSIVE r(id) AS (SELECT 1 UNION SELECT e.target FROM r JOIN edges e ON e.source = r.id) SELECT id FROM r;
WITH RECURSIVE r(id) AS (SELECT target FROM edges WHERE source = 1 UNION SELECT e.target FROM r JOIN edges e ON e.source = r.id)
SELECT 1 UNION SELECT id FROM r;

-- different: at most two steps, or three
WITH RECURSIVE r(id, depth) AS (
    SELECT 1, 0 UNION SELECT e.target, depth + 1 FROM r JOIN edges e ON e.source = r.id WHERE depth < 2)
SELECT DISTINCT id FROM r;
WITH RECURSIVE r(id, depth) AS (
    SELECT 1, 0 UNION SELECT e.target, depth + 1 FROM r JOIN edges e ON e.source = r.id WHERE depth <= 2)
SELECT DISTINCT id FROM r;

-- equal: two steps unrolled
WITH RECURSIVE r(id, depth) AS (
    SELECT 1, 0 UNION SELECT e.target, depth + 1 FROM r JOIN edges e ON e.source = r.id WHERE depth < 2)
SELECT DISTINCT id FROM r;
SELECT 1 UNION SELECT target FROM edges WHERE source = 1
UNION SELECT b.target FROM edges a JOIN edges b ON b.source = a.target WHERE a.source = 1;

-- different: backwards along the edges
SELECT target FROM edges WHERE source = 2;
SELECT source FROM edges WHERE target = 2;

-- different: a node with edges of both kinds is counted once or twice
SELECT n.id, (SELECT count(*) FROM edges e WHERE n.id IN (e.source, e.target)) FROM nodes n;
SELECT n.id, (SELECT count(*) FROM edges e WHERE e.source = n.id) + (SELECT count(*) FROM edges e WHERE e.target = n.id)
FROM nodes n;

-- equal: an edge to itself is counted once
SELECT n.id, (SELECT count(*) FROM edges e WHERE n.id IN (e.source, e.target)) FROM nodes n;
SELECT n.id, (SELECT count(*) FROM edges e WHERE e.source = n.id)
    + (SELECT count(*) FROM edges e WHERE e.target = n.id AND e.source <> n.id) FROM nodes n;

-- equal: leaves of the tree
SELECT n.id FROM nodes n WHERE NOT EXISTS (SELECT FROM nodes c WHERE c.parent_id = n.id);
SELECT n.id FROM nodes n LEFT JOIN nodes c ON c.parent_id = n.id WHERE c.id IS NULL;

-- different: leaves, where the root's parent is NULL
SELECT n.id FROM nodes n WHERE NOT EXISTS (SELECT FROM nodes c WHERE c.parent_id = n.id);
SELECT n.id FROM nodes n WHERE n.id <> ALL (SELECT c.parent_id FROM nodes c);

-- different: a root is no child
SELECT id FROM nodes WHERE parent_id IS NULL;
SELECT n.id FROM nodes n WHERE NOT EXISTS (SELECT FROM nodes p WHERE p.id = n.parent_id AND p.id <> n.id);

-- equal: a foreign key leads somewhere unless it is NULL
SELECT id FROM nodes WHERE parent_id IS NULL;
SELECT n.id FROM nodes n WHERE NOT EXISTS (SELECT FROM nodes p WHERE p.id = n.parent_id);

-- different: siblings have the same parent, which NULL is not
SELECT a.id, b.id FROM nodes a JOIN nodes b ON a.parent_id = b.parent_id AND a.id < b.id;
SELECT a.id, b.id FROM nodes a JOIN nodes b ON a.parent_id IS NOT DISTINCT FROM b.parent_id AND a.id < b.id;

-- different: triangles that are counted from each corner
SELECT count(*) FROM edges a JOIN edges b ON b.source = a.target JOIN edges c ON c.source = b.target AND c.target = a.source
WHERE a.source < b.source AND a.source < c.source;
SELECT count(*) FROM edges a JOIN edges b ON b.source = a.target JOIN edges c ON c.source = b.target AND c.target = a.source;

-- equal: ancestors by recursion, with the order of the join turned
WITH RECURSIVE up(id, parent_id) AS (
    SELECT id, parent_id FROM nodes WHERE label = 'x'
    UNION SELECT n.id, n.parent_id FROM up JOIN nodes n ON n.id = up.parent_id)
SELECT id FROM up;
WITH RECURSIVE up(id, parent_id) AS (
    SELECT id, parent_id FROM nodes WHERE label = 'x'
    UNION SELECT n.id, n.parent_id FROM nodes n, up WHERE up.parent_id = n.id)
SELECT DISTINCT id FROM up;

-- different: descendants instead of ancestors
WITH RECURSIVE up(id, parent_id) AS (
    SELECT id, parent_id FROM nodes WHERE label = 'x'
    UNION SELECT n.id, n.parent_id FROM up JOIN nodes n ON n.id = up.parent_id)
SELECT id FROM up;
WITH RECURSIVE down(id) AS (
    SELECT id FROM nodes WHERE label = 'x'
    UNION SELECT n.id FROM down JOIN nodes n ON n.parent_id = down.id)
SELECT id FROM down;

-- different: the lightest edge of each source, where it has no weight
SELECT source, min(weight) FROM edges GROUP BY source;
SELECT DISTINCT ON (source) source, weight FROM edges ORDER BY source, weight DESC;

-- equal: the lightest edge of each source, NULLs last
SELECT source, min(weight) FROM edges GROUP BY source;
SELECT DISTINCT ON (source) source, weight FROM edges ORDER BY source, weight;

-- different: min and sum over a path with NULL weights
SELECT a.source, sum(a.weight + b.weight) FROM edges a JOIN edges b ON b.source = a.target GROUP BY a.source;
SELECT a.source, sum(a.weight) + sum(b.weight) FROM edges a JOIN edges b ON b.source = a.target GROUP BY a.source;

-- different: an edge in both directions is found once or twice
SELECT a.source, a.target FROM edges a JOIN edges b ON b.source = a.target AND b.target = a.source WHERE a.source < a.target;
SELECT a.source, a.target FROM edges a JOIN edges b ON b.source = a.target AND b.target = a.source;

-- equal: row-wise IN
SELECT source, target FROM edges WHERE (target, source) IN (SELECT source, target FROM edges);
SELECT a.source, a.target FROM edges a WHERE EXISTS (SELECT FROM edges b WHERE b.source = a.target AND b.target = a.source);

-- different: IN by each column is not IN by the row
SELECT source, target FROM edges WHERE (target, source) IN (SELECT source, target FROM edges);
SELECT source, target FROM edges WHERE target IN (SELECT source FROM edges) AND source IN (SELECT target FROM edges);
