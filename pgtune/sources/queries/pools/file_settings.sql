-- What the configuration files say, in the user's units.
SELECT pg_catalog.lower(f.name) AS name, f.setting AS value
FROM pg_catalog.pg_file_settings AS f
WHERE f.applied
