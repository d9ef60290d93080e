"""What the second version changes in the tables of the first."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

QUEUE = Path(__file__).parent.parent / "procrastinate_3_10.sql"

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_queue()
    _add_projects()
    _note_where_things_stand()


def downgrade() -> None:
    _forget_where_things_stand()
    _drop_queue()
    _drop_projects()


def _add_projects() -> None:
    with op.batch_alter_table("deployment") as deployment:
        deployment.add_column(sa.Column("label", sa.String(), server_default="", nullable=False))
        deployment.add_column(sa.Column("note", sa.String(), server_default="", nullable=False))
        deployment.add_column(sa.Column("project_key", sa.BigInteger(), nullable=True))
    op.create_table(
        "project",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deployment_key", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_project")),
    )
    op.create_index(op.f("ix_project_process_id"), "project", ["process_id"])
    op.create_table(
        "project_file",
        sa.Column("project_key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("base_resource_key", sa.BigInteger(), nullable=True),
        sa.Column("base_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("editor", sa.String(), nullable=True),
        sa.Column("editor_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_key"], ["project.key"], name=op.f("fk_project_file_project_key")),
        sa.PrimaryKeyConstraint("project_key", "name", name=op.f("pk_project_file")),
    )


def _drop_projects() -> None:
    op.drop_table("project_file")
    op.drop_index(op.f("ix_project_process_id"), table_name="project")
    op.drop_table("project")
    with op.batch_alter_table("deployment") as deployment:
        for name in ("project_key", "note", "label"):
            deployment.drop_column(name)


def _note_where_things_stand() -> None:
    """Deployments are numbered, and a case knows where its log ends."""
    op.add_column("deployment", sa.Column("number", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE deployment SET number = (SELECT count(*) FROM deployment AS d WHERE d.key <= deployment.key)")
    op.create_index(op.f("ix_deployment_number"), "deployment", ["number"], unique=True)
    op.add_column("process_instance", sa.Column("log_position", sa.Integer(), nullable=True))
    op.add_column("process_instance", sa.Column("log_hash", sa.LargeBinary(length=32), nullable=True))


def _forget_where_things_stand() -> None:
    with op.batch_alter_table("process_instance") as table:
        table.drop_column("log_hash")
        table.drop_column("log_position")
    op.drop_index(op.f("ix_deployment_number"), table_name="deployment")
    with op.batch_alter_table("deployment") as table:
        table.drop_column("number")


def _add_queue() -> None:
    """The queue of the fleet, which only PostgreSQL has; apart from our own tables, in a schema of its own."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    op.execute("CREATE SCHEMA procrastinate")
    before = connection.scalar(sa.text("SELECT current_setting('search_path')"))
    op.execute("SET LOCAL search_path TO procrastinate")
    # Straight to the driver: the file has many statements, and percent signs that are none of SQLAlchemy's.
    connection.connection.cursor().execute(QUEUE.read_text("utf-8"))
    connection.execute(sa.text("SELECT set_config('search_path', :before, true)"), {"before": before})


def _drop_queue() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP SCHEMA procrastinate CASCADE")
