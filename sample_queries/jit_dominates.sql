-- Compiling takes longer than running. The embedded PostgreSQL is built without LLVM; on a server with
-- it (most packages) this trips.
-- pgtune: trips jit-dominates
-- pgtune: needs jit
-- pgtune: set jit = on
-- pgtune: set jit_above_cost = 0
-- pgtune: set jit_inline_above_cost = 0
-- pgtune: set jit_optimize_above_cost = 0
SELECT category_id, count(*), avg(price) FROM products GROUP BY category_id
