"""pgtune makes PostgreSQL queries fast and proves it."""

__version__ = "0.1.0"  # read by the build, too
