-- different: NOT IN finds nobody once the list holds a NULL
SELECT e.id FROM employees e WHERE e.id NOT IN (SELECT m.manager_id FROM employees m);
SELECT e.id FROM employees e WHERE NOT EXISTS (SELECT 1 FROM employees m WHERE m.manager_id = e.id);

-- equal: NOT IN without NULLs is NOT EXISTS
SELECT e.id FROM employees e WHERE e.id NOT IN (SELECT m.manager_id FROM employees m WHERE m.manager_id IS NOT NULL);
SELECT e.id FROM employees e WHERE NOT EXISTS (SELECT 1 FROM employees m WHERE m.manager_id = e.id);

-- different: a condition on the outer-joined table in WHERE drops departments without such an employee
SELECT d.name, e.name FROM departments d LEFT JOIN employees e ON e.department_id = d.id AND e.salary > 50;
SELECT d.name, e.name FROM departments d LEFT JOIN employees e ON e.department_id = d.id WHERE e.salary > 50;

-- equal: a condition that refuses NULL makes the outer join an inner one
SELECT d.name, e.name FROM departments d LEFT JOIN employees e ON e.department_id = d.id WHERE e.salary > 50;
SELECT d.name, e.name FROM departments d JOIN employees e ON e.department_id = d.id AND e.salary > 50;

-- different: a condition on the kept table does not filter when it stands in ON
SELECT d.name, e.id FROM departments d LEFT JOIN employees e ON e.department_id = d.id WHERE d.city = 'Oslo';
SELECT d.name, e.id FROM departments d LEFT JOIN employees e ON e.department_id = d.id AND d.city = 'Oslo';

-- equal: departments without employees, by outer join and by NOT EXISTS
SELECT d.id, d.name FROM departments d LEFT JOIN employees e ON e.department_id = d.id WHERE e.id IS NULL;
SELECT d.id, d.name FROM departments d WHERE NOT EXISTS (SELECT FROM employees e WHERE e.department_id = d.id);

-- different: the tested column may be NULL in a row that matched
SELECT d.id, d.name FROM departments d LEFT JOIN employees e ON e.department_id = d.id WHERE e.salary IS NULL;
SELECT d.id, d.name FROM departments d WHERE NOT EXISTS (SELECT FROM employees e WHERE e.department_id = d.id);

-- different: the count of a group that does not exist is NULL
SELECT d.id, (SELECT count(*) FROM employees e WHERE e.department_id = d.id) FROM departments d;
SELECT d.id, c.n FROM departments d
LEFT JOIN (SELECT department_id, count(*) AS n FROM employees GROUP BY department_id) c ON c.department_id = d.id;

-- equal: and COALESCE makes it zero
SELECT d.id, (SELECT count(*) FROM employees e WHERE e.department_id = d.id) FROM departments d;
SELECT d.id, coalesce(c.n, 0) FROM departments d
LEFT JOIN (SELECT department_id, count(*) AS n FROM employees GROUP BY department_id) c ON c.department_id = d.id;

-- different: count(*) counts the row that the outer join made up
SELECT d.id, count(e.id) FROM departments d LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id;
SELECT d.id, count(*) FROM departments d LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id;

-- equal: count of a key that the outer join leaves NULL
SELECT d.id, count(e.id) FROM departments d LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id;
SELECT d.id, (SELECT count(*) FROM employees e WHERE e.department_id = d.id) FROM departments d;

-- different: the average leaves NULLs out, the division does not
SELECT department_id, avg(salary) FROM employees GROUP BY department_id;
SELECT department_id, sum(salary) * 1.0 / count(*) FROM employees GROUP BY department_id;

-- equal: the average is the sum over the number of values
SELECT department_id, avg(salary) FROM employees GROUP BY department_id;
SELECT department_id, sum(salary) * 1.0 / nullif(count(salary), 0) FROM employees GROUP BY department_id;

-- different: NULL salaries come first in descending order
SELECT id FROM (SELECT id, rank() OVER (ORDER BY salary DESC NULLS LAST) AS r FROM employees WHERE salary IS NOT NULL) s WHERE r = 1;
SELECT id FROM (SELECT id, rank() OVER (ORDER BY salary DESC) AS r FROM employees) s WHERE r = 1;

-- equal: nobody earns more, by rank and by NOT EXISTS
SELECT id FROM (SELECT id, rank() OVER (PARTITION BY department_id ORDER BY salary DESC) AS r
                FROM employees WHERE salary IS NOT NULL) s WHERE r = 1;
SELECT e.id FROM employees e WHERE e.salary IS NOT NULL AND NOT EXISTS (
    SELECT FROM employees o WHERE o.department_id IS NOT DISTINCT FROM e.department_id AND o.salary > e.salary);

-- different: the best paid of those without a department are compared with nobody
SELECT id FROM (SELECT id, rank() OVER (PARTITION BY department_id ORDER BY salary DESC) AS r
                FROM employees WHERE salary IS NOT NULL) s WHERE r = 1;
SELECT e.id FROM employees e WHERE e.salary IS NOT NULL AND NOT EXISTS (
    SELECT FROM employees o WHERE o.department_id = e.department_id AND o.salary > e.salary);

-- different: row_number keeps one of those who tie, rank all
SELECT department_id, salary FROM (
    SELECT department_id, salary, rank() OVER (PARTITION BY department_id ORDER BY salary DESC) AS r FROM employees) s
WHERE r = 1;
SELECT department_id, salary FROM (
    SELECT department_id, salary, row_number() OVER (PARTITION BY department_id ORDER BY salary DESC) AS r FROM employees) s
WHERE r = 1;

-- different: dense_rank counts values, rank counts rows
SELECT id FROM (SELECT id, dense_rank() OVER (ORDER BY salary DESC) AS r FROM employees) s WHERE r <= 3;
SELECT id FROM (SELECT id, rank() OVER (ORDER BY salary DESC) AS r FROM employees) s WHERE r <= 3;

-- equal: with a key as the last sort column rank and row_number agree
SELECT id, rank() OVER (PARTITION BY department_id ORDER BY salary, id) FROM employees;
SELECT id, row_number() OVER (PARTITION BY department_id ORDER BY salary, id) FROM employees;

-- different: an inner join loses those without a manager
SELECT e.name, m.name FROM employees e LEFT JOIN employees m ON m.id = e.manager_id;
SELECT e.name, m.name FROM employees e JOIN employees m ON m.id = e.manager_id;

-- equal: a scalar sub-query by primary key is an outer join
SELECT e.name, (SELECT m.name FROM employees m WHERE m.id = e.manager_id) FROM employees e;
SELECT e.name, m.name FROM employees e LEFT JOIN employees m ON m.id = e.manager_id;

-- different: more than five is not five or more
SELECT department_id FROM employees GROUP BY department_id HAVING count(*) > 5;
SELECT department_id FROM employees GROUP BY department_id HAVING count(*) >= 5;

-- equal: more than five is six or more
SELECT department_id, count(*) FROM employees GROUP BY department_id HAVING count(*) > 5;
SELECT department_id, n FROM (SELECT department_id, count(*) AS n FROM employees GROUP BY department_id) g WHERE n >= 6;

-- different: equal salaries are summed once
SELECT department_id, sum(salary) FROM employees GROUP BY department_id;
SELECT department_id, sum(DISTINCT salary) FROM employees GROUP BY department_id;

-- different: a NULL bonus makes the sum of both NULL
SELECT id, salary + coalesce(bonus, 0) FROM employees;
SELECT id, salary + bonus FROM employees;

-- equal: no bonus is a bonus of nothing
SELECT id, salary + coalesce(bonus, 0) FROM employees;
SELECT id, coalesce(salary + bonus, salary) FROM employees;

-- different: the sub-query's column is the outer table's, as departments has none of that name
SELECT id FROM employees WHERE department_id IN (SELECT id FROM departments WHERE city = 'Oslo');
SELECT id FROM employees WHERE department_id IN (SELECT department_id FROM departments WHERE city = 'Oslo');

-- equal: IN by primary key is a join
SELECT e.id FROM employees e WHERE e.department_id IN (SELECT d.id FROM departments d WHERE d.city = 'Oslo');
SELECT e.id FROM employees e JOIN departments d ON d.id = e.department_id WHERE d.city = 'Oslo';

-- different: a join on employees gives a department once for each of them
SELECT d.id FROM departments d WHERE d.id IN (SELECT e.department_id FROM employees e WHERE e.salary > 10);
SELECT d.id FROM departments d JOIN employees e ON e.department_id = d.id AND e.salary > 10;

-- equal: DISTINCT on the key takes them together again
SELECT d.id FROM departments d WHERE d.id IN (SELECT e.department_id FROM employees e WHERE e.salary > 10);
SELECT DISTINCT d.id FROM departments d JOIN employees e ON e.department_id = d.id AND e.salary > 10;

-- different: above ALL of nobody is true, above the maximum of nobody is not
SELECT id FROM employees WHERE salary > ALL (SELECT salary FROM employees WHERE department_id = 7 AND salary IS NOT NULL);
SELECT id FROM employees WHERE salary > (SELECT max(salary) FROM employees WHERE department_id = 7);

-- equal: above ANY is above the minimum
SELECT id FROM employees WHERE salary > ANY (SELECT salary FROM employees WHERE department_id = 2);
SELECT id FROM employees WHERE salary > (SELECT min(salary) FROM employees WHERE department_id = 2);

-- different: above ANY is not above the maximum
SELECT id FROM employees WHERE salary > ANY (SELECT salary FROM employees WHERE department_id = 2);
SELECT id FROM employees WHERE salary > (SELECT max(salary) FROM employees WHERE department_id = 2);

-- different: a total over no rows is one row, a group over no rows is none
SELECT sum(salary) FROM employees WHERE hired >= DATE '2020-01-01';
SELECT sum(salary) FROM employees WHERE hired >= DATE '2020-01-01' GROUP BY hired >= DATE '2020-01-01';

-- equal: an empty grouping set is the total
SELECT count(*), max(salary) FROM employees;
SELECT count(*), max(salary) FROM employees GROUP BY ();

-- different: employees on two projects of the department are counted twice
SELECT p.department_id, count(DISTINCT a.employee_id) FROM projects p JOIN assignments a ON a.project_id = p.id
GROUP BY p.department_id;
SELECT p.department_id, count(a.employee_id) FROM projects p JOIN assignments a ON a.project_id = p.id
GROUP BY p.department_id;

-- equal: within one project the key already says that employees differ
SELECT a.project_id, count(DISTINCT a.employee_id) FROM assignments a GROUP BY a.project_id;
SELECT a.project_id, count(*) FROM assignments a GROUP BY a.project_id;

-- different: two joins multiply each other's rows
SELECT d.id, (SELECT sum(e.salary) FROM employees e WHERE e.department_id = d.id) FROM departments d
WHERE EXISTS (SELECT FROM projects p WHERE p.department_id = d.id);
SELECT d.id, sum(e.salary) FROM departments d JOIN projects p ON p.department_id = d.id
LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id;

-- equal: a join on a foreign key that is NOT NULL can go
SELECT p.id, p.title FROM projects p JOIN departments d ON d.id = p.department_id;
SELECT p.id, p.title FROM projects p;

-- different: a join on a foreign key that may be NULL cannot
SELECT p.id, p.title FROM projects p JOIN employees l ON l.id = p.lead_id;
SELECT p.id, p.title FROM projects p;

-- equal: an outer join on a unique key of which nothing is used can go
SELECT p.id, p.title FROM projects p LEFT JOIN employees l ON l.id = p.lead_id;
SELECT p.id, p.title FROM projects p;

-- different: NATURAL JOIN compares every common name, id included
SELECT e.id, d.city FROM employees e JOIN departments d ON d.id = e.department_id;
SELECT e.id, d.city FROM employees e NATURAL JOIN departments d;

-- equal: departments with the same budget may come in any order
SELECT d.name FROM departments d ORDER BY (d.budget);
SELECT d.name FROM departments d ORDER BY d.budget, d.id DESC;

-- different: by falling budget, where it is not shown
SELECT d.name FROM departments d ORDER BY d.budget;
SELECT d.name FROM departments d ORDER BY d.budget DESC;

-- equal: the head count of a department, joined or asked for, in the order of budgets
SELECT d.id, (SELECT count(*) FROM employees e WHERE e.department_id = d.id) FROM departments d ORDER BY d.budget;
SELECT d.id, count(e.id) FROM departments d LEFT JOIN employees e ON e.department_id = d.id GROUP BY d.id ORDER BY d.budget;

-- different: the second key, which is not shown either, is lost
SELECT e.name FROM employees e ORDER BY e.hired, e.salary DESC;
SELECT e.name FROM employees e ORDER BY e.hired;
