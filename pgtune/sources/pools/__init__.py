"""A server's connections: what its views and settings say of sessions, limits and timeouts."""
