"""What the second version changes in the tables of the first."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

QUEUE = files("procrastinate") / "sql" / "schema.sql"
"""The queue's own tables, as the pinned version of the package brings them."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_queue()
    _add_projects()
    _add_replays()
    _add_walks()
    _note_where_things_stand()
    _add_batches()
    _add_workshop()
    _add_accepted_starts()
    _keep_lists_fast()
    # The last of all: a batch that copies process_instance would lose the triggers.
    _find_cases_by_words()


def downgrade() -> None:
    _forget_words()
    _keep_lists_as_before()
    op.drop_table("accepted_start")
    _drop_workshop()
    _drop_batches()
    _forget_where_things_stand()
    _drop_queue()
    op.drop_table("project_walk")
    _drop_replays()
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


def _add_replays() -> None:
    op.create_table(
        "project_replay",
        sa.Column("project_key", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("replayed_by", sa.String(), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project_key"], ["project.key"], name=op.f("fk_project_replay_project_key")),
        sa.PrimaryKeyConstraint("project_key", name=op.f("pk_project_replay")),
    )


def _drop_replays() -> None:
    op.drop_table("project_replay")


def _add_walks() -> None:
    op.create_table(
        "project_walk",
        sa.Column("project_key", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["project_key"], ["project.key"], name=op.f("fk_project_walk_project_key")),
        sa.PrimaryKeyConstraint("project_key", "username", name=op.f("pk_project_walk")),
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


_KEPT_FAST = (
    # table, name, columns, where
    ("process_instance", "ix_process_instance_status", ["status", "key"], "parent_key IS NULL"),
    ("process_instance", "ix_process_instance_initiator", ["initiator", "key"], "parent_key IS NULL"),
    ("process_instance", "ix_process_instance_parent_key", ["parent_key"], "parent_key IS NOT NULL"),
    ("process_instance", "ix_process_instance_process_id", ["process_id", "status", "key"], None),
    ("process_instance", "ix_process_instance_definition_key", ["definition_key", "status"], None),
    ("incident", "ix_incident_open", ["key", "root_key"], "resolved_at IS NULL"),
    ("task", "ix_task_open_due", ["(due IS NULL)", "due", "priority DESC", "key"], "status = 'open'"),
    ("task", "ix_task_open_priority", ["priority DESC", "(due IS NULL)", "due", "key"], "status = 'open'"),
    ("task", "ix_task_open_case", ["root_key", "key", "name", "assignee"], "status = 'open'"),
    ("task", "ix_task_open_created", ["created_at", "key"], "status = 'open'"),
    (
        "task", "ix_task_open_excluded", ["excluded_users", "key"],
        "status = 'open' AND assignee IS NULL AND excluded_users <> '[]'",
    ),
)
_BEFORE = (
    ("process_instance", "ix_process_instance_status", ["status", "key"]),
    ("process_instance", "ix_process_instance_parent_key", ["parent_key"]),
    ("process_instance", "ix_process_instance_process_id", ["process_id"]),
    ("process_instance", "ix_process_instance_definition_key", ["definition_key"]),
    ("process_instance", "ix_process_instance_started_at", ["started_at"]),
    ("task", "ix_task_status", ["status", "due"]),
)


def _keep_lists_fast() -> None:
    """Indexes that make a list cost what it shows, however many cases are closed."""
    for table, name, _ in _BEFORE:
        op.drop_index(name, table_name=table)
    op.create_index("ix_task_key_status", "task", ["key", "status"], unique=True)
    with op.batch_alter_table("task_candidate") as candidate:
        candidate.add_column(sa.Column("task_status", sa.String(), nullable=True))
    op.execute("UPDATE task_candidate SET task_status = (SELECT status FROM task WHERE task.key = task_key)")
    op.drop_index("ix_task_candidate_name", table_name="task_candidate")
    with op.batch_alter_table("task_candidate") as candidate:
        candidate.alter_column("task_status", existing_type=sa.String(), nullable=False)
        candidate.drop_constraint(op.f("fk_task_candidate_task_key"), type_="foreignkey")
        candidate.create_foreign_key(
            op.f("fk_task_candidate_task_key_task_status"), "task", ["task_key", "task_status"], ["key", "status"],
            ondelete="CASCADE", onupdate="CASCADE",
        )  # fmt: skip
    op.create_index("ix_task_candidate_name", "task_candidate", ["task_status", "kind", "name", "task_key"])
    # After the batches, whose reading of the tables stumbles over expressions.
    for table, name, columns, where in _KEPT_FAST:
        listed = [column if column.isidentifier() else sa.text(column) for column in columns]
        condition = sa.text(where) if where else None
        op.create_index(name, table, listed, sqlite_where=condition, postgresql_where=condition)


def _keep_lists_as_before() -> None:
    for table, name, _, _ in _KEPT_FAST:
        op.drop_index(name, table_name=table)
    op.drop_index("ix_task_candidate_name", table_name="task_candidate")
    with op.batch_alter_table("task_candidate") as candidate:
        candidate.drop_constraint(op.f("fk_task_candidate_task_key_task_status"), type_="foreignkey")
        candidate.create_foreign_key(
            op.f("fk_task_candidate_task_key"), "task", ["task_key"], ["key"], ondelete="CASCADE"
        )
        candidate.drop_column("task_status")
    op.create_index("ix_task_candidate_name", "task_candidate", ["kind", "name"])
    op.drop_index("ix_task_key_status", table_name="task")
    for table, name, columns in _BEFORE:
        op.create_index(name, table, columns)


_INDEXED = "INSERT INTO case_search (rowid, reference, subject) VALUES (new.key, new.reference, new.subject);"
_UNINDEXED = (
    "INSERT INTO case_search (case_search, rowid, reference, subject)"
    " VALUES ('delete', old.key, old.reference, old.subject);"
)


def _find_cases_by_words() -> None:
    """Any three letters of a reference or subject find the case: SQLite's FTS5, or PostgreSQL's pg_trgm."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS case_search USING fts5"
            "(reference, subject, content='process_instance', content_rowid='key', tokenize='trigram')"
        )
        changes = (
            ("inserted", "INSERT", "new.parent_key IS NULL", _INDEXED),
            ("deleted", "DELETE", "old.parent_key IS NULL", _UNINDEXED),
            (
                "renamed", "UPDATE OF reference, subject",
                "new.parent_key IS NULL AND (old.subject <> new.subject OR old.reference <> new.reference)",
                _UNINDEXED + _INDEXED,
            ),
        )  # fmt: skip
        for name, change, condition, statements in changes:
            op.execute(
                f"CREATE TRIGGER case_search_{name} AFTER {change} ON process_instance WHEN {condition}"
                f" BEGIN {statements} END"
            )
        op.execute(
            "INSERT INTO case_search (rowid, reference, subject)"
            " SELECT key, reference, subject FROM process_instance WHERE parent_key IS NULL"
        )
    elif _has_trigrams():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for column in ("reference", "subject"):
            op.execute(
                f"CREATE INDEX case_search_{column} ON process_instance USING gin ({column} gin_trgm_ops)"
                " WHERE parent_key IS NULL"
            )


def _has_trigrams() -> bool:
    """Without PostgreSQL's contrib modules searching works all the same, but reads every case."""
    known = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
    return bool(op.get_bind().scalar(known))


def _forget_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("inserted", "deleted", "renamed"):
            op.execute(f"DROP TRIGGER IF EXISTS case_search_{name}")
        op.execute("DROP TABLE case_search")
    else:
        for column in ("reference", "subject"):
            op.execute(f"DROP INDEX IF EXISTS case_search_{column}")


def _add_batches() -> None:
    with op.batch_alter_table("definition") as definition:
        definition.add_column(sa.Column("is_suspended", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "batch",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_batch")),
    )
    op.create_table(
        "batch_case",
        sa.Column("batch_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_key"], ["batch.key"], name=op.f("fk_batch_case_batch_key")),
        sa.PrimaryKeyConstraint("batch_key", "instance_key", name=op.f("pk_batch_case")),
    )
    op.create_index("ix_batch_case_status", "batch_case", ["batch_key", "status"])


def _drop_batches() -> None:
    op.drop_index("ix_batch_case_status", table_name="batch_case")
    op.drop_table("batch_case")
    op.drop_table("batch")
    with op.batch_alter_table("definition") as definition:
        definition.drop_column("is_suspended")


def _add_workshop() -> None:
    """Trials of new versions, reviews of changes, settings of owners and templates of elements."""
    with op.batch_alter_table("deployment") as deployment:
        deployment.add_column(sa.Column("trial", sa.String(), nullable=True))
        deployment.add_column(sa.Column("trial_status", sa.String(), nullable=True))
    with op.batch_alter_table("definition") as definition:
        definition.add_column(sa.Column("trial", sa.String(), nullable=True))
    with op.batch_alter_table("project") as project:
        project.add_column(sa.Column("authors", sa.Text(), server_default="[]", nullable=False))
    op.create_table(
        "workshop_setting",
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process_id", "name", name=op.f("pk_workshop_setting")),
    )
    op.create_table(
        "review",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_key", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["project_key"], ["project.key"], name=op.f("fk_review_project_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_project_key"), "review", ["project_key"])
    op.create_table(
        "element_template",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_element_template")),
    )


def _drop_workshop() -> None:
    op.drop_table("element_template")
    op.drop_index(op.f("ix_review_project_key"), table_name="review")
    op.drop_table("review")
    op.drop_table("workshop_setting")
    with op.batch_alter_table("project") as project:
        project.drop_column("authors")
    with op.batch_alter_table("definition") as definition:
        definition.drop_column("trial")
    with op.batch_alter_table("deployment") as deployment:
        deployment.drop_column("trial_status")
        deployment.drop_column("trial")


def _add_accepted_starts() -> None:
    op.create_table(
        "accepted_start",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_accepted_start")),
    )
