-- different: the last of four tables is joined by another comparison
SELECT s.student_id, t.teacher_name FROM students s NATURAL JOIN enrollments e NATURAL JOIN courses c NATURAL JOIN teachers t;
SELECT s.student_id, t.teacher_name FROM students s NATURAL JOIN enrollments e NATURAL JOIN courses c
CROSS JOIN teachers t WHERE t.teacher_id >= c.teacher_id;

-- equal: NATURAL JOIN spelled out
SELECT s.name, c.title, t.teacher_name FROM students s NATURAL JOIN enrollments e NATURAL JOIN courses c NATURAL JOIN teachers t;
SELECT s.name, c.title, t.teacher_name FROM students s
JOIN enrollments e ON e.student_id = s.student_id
JOIN courses c ON c.course_id = e.course_id
JOIN teachers t ON t.teacher_id = c.teacher_id;

-- different: IN in the SELECT list may be NULL, EXISTS may not
SELECT student_id, mentor_id IN (SELECT e.student_id FROM enrollments e) FROM students;
SELECT s.student_id, EXISTS (SELECT FROM enrollments e WHERE e.student_id = s.mentor_id) FROM students s;

-- equal: IN in the SELECT list over columns that are NOT NULL
SELECT s.student_id, s.student_id IN (SELECT e.student_id FROM enrollments e) FROM students s;
SELECT s.student_id, EXISTS (SELECT FROM enrollments e WHERE e.student_id = s.student_id) FROM students s;

-- different: no grade above 90 is not all grades up to 90
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM enrollments e WHERE e.student_id = s.student_id AND e.grade > 90);
SELECT s.student_id FROM students s WHERE 90 >= ALL (SELECT e.grade FROM enrollments e WHERE e.student_id = s.student_id);

-- equal: ALL as NOT EXISTS, where an unknown grade counts against it
SELECT s.student_id FROM students s WHERE 90 >= ALL (SELECT e.grade FROM enrollments e WHERE e.student_id = s.student_id);
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM enrollments e WHERE e.student_id = s.student_id AND (e.grade <= 90) IS NOT TRUE);

-- different: students of every course, where a course without a teacher does not count
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM courses c WHERE NOT EXISTS (
        SELECT FROM enrollments e WHERE e.student_id = s.student_id AND e.course_id = c.course_id));
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM courses c JOIN teachers t USING (teacher_id) WHERE NOT EXISTS (
        SELECT FROM enrollments e WHERE e.student_id = s.student_id AND e.course_id = c.course_id));

-- equal: students of every course by counting
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM courses c WHERE NOT EXISTS (
        SELECT FROM enrollments e WHERE e.student_id = s.student_id AND e.course_id = c.course_id));
SELECT s.student_id FROM students s WHERE
    (SELECT count(*) FROM enrollments e WHERE e.student_id = s.student_id) = (SELECT count(*) FROM courses);

-- different: counted in the group, students of every course need at least one
SELECT s.student_id FROM students s WHERE NOT EXISTS (
    SELECT FROM courses c WHERE NOT EXISTS (
        SELECT FROM enrollments e WHERE e.student_id = s.student_id AND e.course_id = c.course_id));
SELECT e.student_id FROM enrollments e GROUP BY e.student_id HAVING count(*) = (SELECT count(*) FROM courses);

-- different: passed both courses is not passed one of them
SELECT student_id FROM enrollments WHERE course_id = 1 AND grade >= 50
INTERSECT SELECT student_id FROM enrollments WHERE course_id = 2 AND grade >= 50;
SELECT DISTINCT student_id FROM enrollments WHERE course_id IN (1, 2) AND grade >= 50;

-- equal: passed both courses, by counting them
SELECT student_id FROM enrollments WHERE course_id = 1 AND grade >= 50
INTERSECT SELECT student_id FROM enrollments WHERE course_id = 2 AND grade >= 50;
SELECT student_id FROM enrollments WHERE course_id IN (1, 2) AND grade >= 50 GROUP BY student_id HAVING count(*) = 2;

-- different: the conditions of a self join belong to two rows
SELECT a.student_id FROM enrollments a JOIN enrollments b USING (student_id)
WHERE a.course_id = 1 AND b.course_id = 2;
SELECT student_id FROM enrollments WHERE course_id = 1 AND course_id = 2;

-- equal: a self join by primary key reads one row twice
SELECT a.student_id, b.grade FROM enrollments a JOIN enrollments b USING (student_id, course_id) WHERE a.grade > 60;
SELECT student_id, grade FROM enrollments WHERE grade > 60;

-- different: pairs of students in either order, and with themselves
SELECT a.student_id, b.student_id FROM enrollments a JOIN enrollments b USING (course_id) WHERE a.student_id < b.student_id;
SELECT a.student_id, b.student_id FROM enrollments a JOIN enrollments b USING (course_id) WHERE a.student_id <= b.student_id;

-- different: INTERSECT compares NULLs, a join does not
SELECT mentor_id FROM students WHERE year = 1 INTERSECT SELECT mentor_id FROM students WHERE year = 2;
SELECT DISTINCT a.mentor_id FROM students a JOIN students b ON b.mentor_id = a.mentor_id WHERE a.year = 1 AND b.year = 2;

-- equal: IS NOT DISTINCT FROM compares NULLs as INTERSECT does
SELECT mentor_id FROM students WHERE year = 1 INTERSECT SELECT mentor_id FROM students WHERE year = 2;
SELECT DISTINCT a.mentor_id FROM students a
JOIN students b ON b.mentor_id IS NOT DISTINCT FROM a.mentor_id WHERE a.year = 1 AND b.year = 2;

-- different: EXCEPT ALL takes away one row for each, EXCEPT all of them
SELECT mentor_id FROM students WHERE year > 1 EXCEPT ALL SELECT mentor_id FROM students WHERE year = 4;
SELECT mentor_id FROM students WHERE year > 1 EXCEPT SELECT mentor_id FROM students WHERE year = 4;

-- different: INTERSECT ALL keeps the smaller number of each
SELECT mentor_id FROM students WHERE year = 1 INTERSECT ALL SELECT mentor_id FROM students WHERE year = 2;
SELECT mentor_id FROM students WHERE year = 1 AND mentor_id IN (SELECT mentor_id FROM students WHERE year = 2);

-- equal: EXCEPT ALL with nothing in common takes nothing away
SELECT student_id, year FROM students WHERE year = 1 EXCEPT ALL SELECT student_id, year FROM students WHERE year = 2;
SELECT student_id, year FROM students WHERE year = 1;

-- different: INTERSECT binds tighter than UNION
SELECT student_id FROM students UNION SELECT teacher_id FROM teachers INTERSECT SELECT course_id FROM courses;
(SELECT student_id FROM students UNION SELECT teacher_id FROM teachers) INTERSECT SELECT course_id FROM courses;

-- equal: INTERSECT binds tighter than UNION, in parentheses
SELECT student_id FROM students UNION SELECT teacher_id FROM teachers INTERSECT SELECT course_id FROM courses;
SELECT student_id FROM students UNION (SELECT teacher_id FROM teachers INTERSECT SELECT course_id FROM courses);

-- different: a full join keeps what either side has alone
SELECT s.student_id, e.course_id FROM students s FULL JOIN enrollments e ON e.student_id = s.student_id AND e.grade > 50;
SELECT s.student_id, e.course_id FROM students s LEFT JOIN enrollments e ON e.student_id = s.student_id AND e.grade > 50;

-- equal: a full join whose one side always matches
SELECT s.student_id, e.course_id FROM students s FULL JOIN enrollments e ON e.student_id = s.student_id;
SELECT s.student_id, e.course_id FROM students s LEFT JOIN enrollments e ON e.student_id = s.student_id;

-- equal: a full join is a left join and what is left of the other side
SELECT c.title, t.teacher_name FROM courses c FULL JOIN teachers t ON t.teacher_id = c.teacher_id;
SELECT c.title, t.teacher_name FROM courses c LEFT JOIN teachers t ON t.teacher_id = c.teacher_id
UNION ALL SELECT NULL, t.teacher_name FROM teachers t
WHERE NOT EXISTS (SELECT FROM courses c WHERE c.teacher_id = t.teacher_id);

-- different: UNION takes courses of one title and teacher together
SELECT c.title, t.teacher_name FROM courses c FULL JOIN teachers t ON t.teacher_id = c.teacher_id;
SELECT c.title, t.teacher_name FROM courses c LEFT JOIN teachers t ON t.teacher_id = c.teacher_id
UNION SELECT c.title, t.teacher_name FROM courses c RIGHT JOIN teachers t ON t.teacher_id = c.teacher_id;

-- different: USING merges the column, that of one side may be NULL
SELECT teacher_id, c.title FROM courses c FULL JOIN teachers t USING (teacher_id);
SELECT c.teacher_id, c.title FROM courses c FULL JOIN teachers t USING (teacher_id);

-- equal: that of the referenced side is the merged column
SELECT teacher_id, c.title FROM courses c FULL JOIN teachers t USING (teacher_id);
SELECT t.teacher_id, c.title FROM courses c FULL JOIN teachers t USING (teacher_id);

-- equal: the merged column is COALESCE of both
SELECT teacher_id, c.title FROM courses c FULL JOIN teachers t USING (teacher_id);
SELECT coalesce(c.teacher_id, t.teacher_id), c.title FROM courses c FULL JOIN teachers t ON t.teacher_id = c.teacher_id;

-- different: the group of the merged column is not that of one side
SELECT teacher_id, count(*) FROM courses FULL JOIN teachers USING (teacher_id) GROUP BY teacher_id;
SELECT t.teacher_id, count(c.course_id) FROM courses c RIGHT JOIN teachers t USING (teacher_id) GROUP BY t.teacher_id;

-- different: integers divide without a rest
SELECT student_id, grade / 2 FROM enrollments;
SELECT student_id, round(grade / 2.0) FROM enrollments;

-- equal: integers divide towards zero
SELECT student_id, grade / 2 FROM enrollments;
SELECT student_id, trunc(grade / 2.0) FROM enrollments;

-- different: the share of those who passed, in integers
SELECT course_id, 100 * count(*) FILTER (WHERE grade >= 50) / count(*) FROM enrollments GROUP BY course_id;
SELECT course_id, 100 * (count(*) FILTER (WHERE grade >= 50) / count(*)) FROM enrollments GROUP BY course_id;

-- different: the NULL grade falls into ELSE
SELECT student_id, CASE WHEN grade >= 50 THEN 'passed' WHEN grade < 50 THEN 'failed' END FROM enrollments;
SELECT student_id, CASE WHEN grade >= 50 THEN 'passed' ELSE 'failed' END FROM enrollments;

-- different: the first branch that is true wins
SELECT student_id, CASE WHEN grade >= 90 THEN 'A' WHEN grade >= 50 THEN 'B' ELSE 'C' END FROM enrollments;
SELECT student_id, CASE WHEN grade >= 50 THEN 'B' WHEN grade >= 90 THEN 'A' ELSE 'C' END FROM enrollments;

-- equal: branches that exclude each other, in another order
SELECT student_id, CASE WHEN grade >= 90 THEN 'A' WHEN grade >= 50 THEN 'B' ELSE 'C' END FROM enrollments;
SELECT student_id, CASE WHEN grade < 50 OR grade IS NULL THEN 'C' WHEN grade < 90 THEN 'B' ELSE 'A' END FROM enrollments;

-- different: CASE compares with =, which NULL never fulfils
SELECT student_id, CASE WHEN grade IS NULL THEN 'none' ELSE 'some' END FROM enrollments;
SELECT student_id, CASE grade WHEN NULL THEN 'none' ELSE 'some' END FROM enrollments;

-- different: BETWEEN needs its bounds in order
SELECT student_id FROM enrollments WHERE grade BETWEEN SYMMETRIC 80 AND 60;
SELECT student_id FROM enrollments WHERE grade BETWEEN 80 AND 60;

-- equal: SYMMETRIC puts its bounds in order
SELECT student_id FROM enrollments WHERE grade BETWEEN SYMMETRIC 80 AND 60;
SELECT student_id FROM enrollments WHERE grade >= 60 AND grade <= 80;

-- different: the outer condition on credits is an average over fewer rows
SELECT title FROM courses WHERE credits > (SELECT avg(credits) FROM courses);
SELECT title FROM courses c WHERE credits > (SELECT avg(credits) FROM courses d WHERE d.teacher_id = c.teacher_id);

-- equal: a window without PARTITION is the whole
SELECT course_id FROM courses WHERE credits > (SELECT avg(credits) FROM courses);
SELECT course_id FROM (SELECT course_id, credits, avg(credits) OVER () AS mean FROM courses) s WHERE credits > mean;

-- different: DISTINCT is done before the sum in one, after it in the other
SELECT teacher_id, sum(credits) FROM (SELECT DISTINCT teacher_id, title, credits FROM courses) s GROUP BY teacher_id;
SELECT DISTINCT teacher_id, sum(credits) FROM courses GROUP BY teacher_id;

-- equal: DISTINCT over a group's own columns does nothing
SELECT DISTINCT teacher_id, sum(credits) FROM courses GROUP BY teacher_id;
SELECT teacher_id, sum(credits) FROM courses GROUP BY teacher_id;

-- different: nobody took it is not one who took it
SELECT title FROM courses c WHERE (SELECT count(*) FROM enrollments e WHERE e.course_id = c.course_id) = 0;
SELECT title FROM courses c LEFT JOIN enrollments e ON e.course_id = c.course_id GROUP BY c.course_id HAVING count(*) = 0;

-- equal: nobody took it, counted by the other side's key
SELECT title FROM courses c WHERE (SELECT count(*) FROM enrollments e WHERE e.course_id = c.course_id) = 0;
SELECT title FROM courses c LEFT JOIN enrollments e ON e.course_id = c.course_id
GROUP BY c.course_id HAVING count(e.student_id) = 0;

-- equal: courses by the sum of their grades, which is not shown; several have the same
SELECT e.course_id FROM enrollments e GROUP BY e.course_id ORDER BY sum(e.grade);
SELECT s.course_id FROM (SELECT course_id, sum(grade) AS total FROM enrollments GROUP BY course_id) s ORDER BY s.total, s.course_id DESC;

-- different: courses without any grade come last in rising order
SELECT e.course_id FROM enrollments e GROUP BY e.course_id ORDER BY sum(e.grade);
SELECT e.course_id FROM enrollments e GROUP BY e.course_id ORDER BY coalesce(sum(e.grade), 0);

-- equal: students of a mentor by year, read from a CTE
WITH mentored AS (SELECT * FROM students WHERE mentor_id IS NOT NULL) SELECT m.name FROM mentored m ORDER BY m.year DESC;
SELECT s.name FROM students s WHERE s.mentor_id > 0 OR s.mentor_id <= 0 ORDER BY s.year DESC, s.student_id;
