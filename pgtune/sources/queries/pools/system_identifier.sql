-- The number that initdb gave the cluster; its standbys have the same.
SELECT s.system_identifier::text AS system_identifier
FROM pg_catalog.pg_control_system() AS s
