"""The nouns: tables with the rules of their own state. They know no BPMN and never commit."""

from engine.model.batches import Batch, BatchCase
from engine.model.definitions import Definition, Deployment, Resource
from engine.model.identity import Actor, Group, Membership, Permission, Role, SignInAttempts, User, UserRole
from engine.model.instances import AcceptedStart, Incident, ProcessInstance, ReceivedMessage, Subscription
from engine.model.jobs import Job
from engine.model.log import LogEntry
from engine.model.outbox import OutboxMail
from engine.model.projects import Project, ProjectFile
from engine.model.replays import ProjectReplay
from engine.model.tasks import Task, TaskCandidate, TaskDraft
from engine.model.walks import ProjectWalk
from engine.model.workshop import ElementTemplate, Review, WorkshopSetting

__all__ = [
    "AcceptedStart", "Actor", "Batch", "BatchCase", "Definition", "Deployment", "ElementTemplate", "Group", "Incident",
    "Job", "LogEntry", "Membership", "OutboxMail", "Permission", "ProcessInstance", "Project", "ProjectFile",
    "ProjectReplay", "ProjectWalk", "ReceivedMessage", "Resource", "Review", "Role", "SignInAttempts", "Subscription",
    "Task", "TaskCandidate", "TaskDraft", "User", "UserRole", "WorkshopSetting",
]  # fmt: skip
