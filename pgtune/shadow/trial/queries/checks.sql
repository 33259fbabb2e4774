SELECT conrelid::bigint AS relation_oid, pg_get_expr(conbin, conrelid) AS condition
FROM pg_constraint
WHERE conrelid = ANY (%(oids)s::oid[]) AND contype = 'c'
ORDER BY conrelid, conname
