"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MESSAGES = sa.text("kind = 'message'")


def upgrade() -> None:
    op.create_table(
        "deployment",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "incident",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("activity_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_activity_key"), "incident", ["activity_key"], unique=False)
    op.create_index(op.f("ix_incident_instance_key"), "incident", ["instance_key"], unique=False)
    op.create_index(op.f("ix_incident_root_key"), "incident", ["root_key"], unique=False)
    op.create_table(
        "job",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("definition_key", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retries_left", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_definition_key"), "job", ["definition_key"], unique=False)
    op.create_index("ix_job_due", "job", ["status", "due"], unique=False)
    op.create_index("ix_job_message", "job", ["service"], sqlite_where=_MESSAGES, postgresql_where=_MESSAGES)
    op.create_index(op.f("ix_job_instance_key"), "job", ["instance_key"], unique=False)
    op.create_index(op.f("ix_job_root_key"), "job", ["root_key"], unique=False)
    op.create_table(
        "log_entry",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stream_key", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(), nullable=True),
        sa.Column("definition_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("stream_key", "position", name=op.f("uq_log_entry_stream_key_position")),
    )
    op.create_table(
        "outbox_mail",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outbox_mail")),
    )
    op.create_index(op.f("ix_outbox_mail_root_key"), "outbox_mail", ["root_key"], unique=False)
    op.create_table(
        "received_message",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "message_id", name=op.f("pk_received_message")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "subscription",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation_key", sa.String(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("definition_key", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("form_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_definition_key"), "subscription", ["definition_key"], unique=False)
    op.create_index(op.f("ix_subscription_instance_key"), "subscription", ["instance_key"], unique=False)
    op.create_index("ix_subscription_name", "subscription", ["kind", "name", "correlation_key"], unique=False)
    op.create_index(op.f("ix_subscription_root_key"), "subscription", ["root_key"], unique=False)
    op.create_table(
        "user_account",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "user_group",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_user_group")),
    )
    op.create_table(
        "membership",
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.group_id"], name=op.f("fk_membership_group_id")),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_membership_user_key")),
        sa.PrimaryKeyConstraint("user_key", "group_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "resource",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_resource_deployment_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_resource")),
    )
    op.create_index(op.f("ix_resource_deployment_key"), "resource", ["deployment_key"], unique=False)
    op.create_table(
        "user_role",
        sa.Column("user_key", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_key"], ["user_account.key"], name=op.f("fk_user_role_user_key")),
        sa.PrimaryKeyConstraint("user_key", "role", name=op.f("pk_user_role")),
    )
    op.create_table(
        "definition",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("definition_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.Column("deployment_key", sa.BigInteger(), nullable=False),
        sa.Column("resource_key", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["deployment_key"], ["deployment.key"], name=op.f("fk_definition_deployment_key")),
        sa.ForeignKeyConstraint(["resource_key"], ["resource.key"], name=op.f("fk_definition_resource_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_definition")),
        sa.UniqueConstraint("kind", "definition_id", "version", name=op.f("uq_definition_kind_definition_id_version")),
    )
    op.create_index(op.f("ix_definition_deployment_key"), "definition", ["deployment_key"], unique=False)
    op.create_table(
        "process_instance",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("parent_key", sa.BigInteger(), nullable=True),
        sa.Column("parent_activity_key", sa.BigInteger(), nullable=True),
        sa.Column("definition_key", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("initiator", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("promised", sa.DateTime(timezone=True), nullable=True),
        sa.Column("variables", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_key"], ["definition.key"], name=op.f("fk_process_instance_definition_key")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_process_instance")),
    )
    op.create_index(op.f("ix_process_instance_definition_key"), "process_instance", ["definition_key"], unique=False)
    op.create_index(op.f("ix_process_instance_parent_key"), "process_instance", ["parent_key"], unique=False)
    op.create_index(op.f("ix_process_instance_process_id"), "process_instance", ["process_id"], unique=False)
    op.create_index(op.f("ix_process_instance_reference"), "process_instance", ["reference"], unique=False)
    op.create_index(op.f("ix_process_instance_root_key"), "process_instance", ["root_key"], unique=False)
    op.create_index(op.f("ix_process_instance_started_at"), "process_instance", ["started_at"], unique=False)
    op.create_index("ix_process_instance_status", "process_instance", ["status", "key"], unique=False)
    op.create_table(
        "task",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up", sa.DateTime(timezone=True), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("excluded_users", sa.Text(), nullable=False),
        sa.Column("separate_from", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["instance_key"], ["process_instance.key"], name=op.f("fk_task_instance_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_task")),
    )
    op.create_index("ix_task_assignee", "task", ["assignee", "status", "due"], unique=False)
    op.create_index(op.f("ix_task_instance_key"), "task", ["instance_key"], unique=False)
    op.create_index(op.f("ix_task_root_key"), "task", ["root_key"], unique=False)
    op.create_index("ix_task_status", "task", ["status", "due"], unique=False)
    op.create_table(
        "task_candidate",
        sa.Column("task_key", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_key"], ["task.key"], name=op.f("fk_task_candidate_task_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_key", "kind", "name", name=op.f("pk_task_candidate")),
    )
    op.create_index("ix_task_candidate_name", "task_candidate", ["kind", "name"], unique=False)
    op.create_table(
        "task_draft",
        sa.Column("task_key", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_key"], ["task.key"], name=op.f("fk_task_draft_task_key"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_key", "username", name=op.f("pk_task_draft")),
    )


def downgrade() -> None:
    op.drop_table("task_draft")
    op.drop_index("ix_task_candidate_name", table_name="task_candidate")
    op.drop_table("task_candidate")
    op.drop_index("ix_task_status", table_name="task")
    op.drop_index(op.f("ix_task_root_key"), table_name="task")
    op.drop_index(op.f("ix_task_instance_key"), table_name="task")
    op.drop_index("ix_task_assignee", table_name="task")
    op.drop_table("task")
    op.drop_index("ix_process_instance_status", table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_started_at"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_root_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_reference"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_process_id"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_parent_key"), table_name="process_instance")
    op.drop_index(op.f("ix_process_instance_definition_key"), table_name="process_instance")
    op.drop_table("process_instance")
    op.drop_index(op.f("ix_definition_deployment_key"), table_name="definition")
    op.drop_table("definition")
    op.drop_table("user_role")
    op.drop_index(op.f("ix_resource_deployment_key"), table_name="resource")
    op.drop_table("resource")
    op.drop_table("membership")
    op.drop_table("user_group")
    op.drop_table("user_account")
    op.drop_index(op.f("ix_subscription_root_key"), table_name="subscription")
    op.drop_index("ix_subscription_name", table_name="subscription")
    op.drop_index(op.f("ix_subscription_instance_key"), table_name="subscription")
    op.drop_index(op.f("ix_subscription_definition_key"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_table("sign_in_attempts")
    op.drop_table("received_message")
    op.drop_index(op.f("ix_outbox_mail_root_key"), table_name="outbox_mail")
    op.drop_table("outbox_mail")
    op.drop_table("log_entry")
    op.drop_index(op.f("ix_job_root_key"), table_name="job")
    op.drop_index(op.f("ix_job_instance_key"), table_name="job")
    op.drop_index("ix_job_message", table_name="job")
    op.drop_index("ix_job_due", table_name="job")
    op.drop_index(op.f("ix_job_definition_key"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix_incident_root_key"), table_name="incident")
    op.drop_index(op.f("ix_incident_instance_key"), table_name="incident")
    op.drop_index(op.f("ix_incident_activity_key"), table_name="incident")
    op.drop_table("incident")
    op.drop_table("deployment")
