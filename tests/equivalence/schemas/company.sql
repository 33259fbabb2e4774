CREATE TABLE departments (
    id int PRIMARY KEY,
    name text NOT NULL UNIQUE,
    city text,
    budget numeric(10, 2)
);
CREATE TABLE employees (
    id int PRIMARY KEY,
    name text NOT NULL,
    department_id int REFERENCES departments,
    manager_id int REFERENCES employees,
    salary int,
    bonus int,
    hired date NOT NULL
);
CREATE TABLE projects (
    id int PRIMARY KEY,
    title text NOT NULL,
    department_id int NOT NULL REFERENCES departments,
    lead_id int REFERENCES employees
);
CREATE TABLE assignments (
    employee_id int NOT NULL REFERENCES employees,
    project_id int NOT NULL REFERENCES projects,
    hours int NOT NULL CHECK (hours >= 0),
    PRIMARY KEY (employee_id, project_id)
);
