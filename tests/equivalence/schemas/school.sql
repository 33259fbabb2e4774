CREATE TABLE students (
    student_id int PRIMARY KEY,
    name text NOT NULL,
    year smallint CHECK (year BETWEEN 1 AND 4),
    mentor_id int
);
CREATE TABLE teachers (
    teacher_id int PRIMARY KEY,
    teacher_name text NOT NULL
);
CREATE TABLE courses (
    course_id int PRIMARY KEY,
    title text NOT NULL,
    credits int NOT NULL CHECK (credits > 0),
    teacher_id int REFERENCES teachers
);
CREATE TABLE enrollments (
    student_id int NOT NULL REFERENCES students,
    course_id int NOT NULL REFERENCES courses,
    grade int CHECK (grade BETWEEN 0 AND 100),
    PRIMARY KEY (student_id, course_id)
);
