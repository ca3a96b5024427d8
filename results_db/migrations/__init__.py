"""Alembic migrations, one file a version; run by results_db/database.py."""
