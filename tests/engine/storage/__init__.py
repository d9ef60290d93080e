"""Keeping everything: migrations, backup and restore, on SQLite and PostgreSQL."""
