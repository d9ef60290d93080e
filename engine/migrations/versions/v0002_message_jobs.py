"""Messages on their way are found by their name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MESSAGES = sa.text("kind = 'message'")


def upgrade() -> None:
    op.create_index("ix_job_message", "job", ["service"], sqlite_where=_MESSAGES, postgresql_where=_MESSAGES)


def downgrade() -> None:
    op.drop_index("ix_job_message", table_name="job")
