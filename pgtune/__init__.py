"""pgtune makes PostgreSQL queries fast and proves it."""
