"""The log, on SQLite and on PostgreSQL."""
