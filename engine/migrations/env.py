"""Runs the migrations on the connection that `Database.migrate` hands over; Alembic loads this file by its name."""

from __future__ import annotations

from alembic import context

from engine import model
from engine.database import Base

assert model.__all__, "the tables must be known before they are compared"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot change a table in place; batches copy it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
