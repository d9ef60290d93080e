"""The verbs: everything that changes anything. They know no pages, no HTTP and no outside world."""

from engine.commands.deployments import (
    CheckResources,
    Deploy,
    Deployed,
    DeployedDefinition,
    ReinstateDefinition,
    RetireDefinition,
)  # fmt: skip
from engine.commands.identity import ChangeUser, CreateGroup, CreateUser, SetLanguage, SetPassword, SignIn
from engine.commands.instances import (
    AddComment,
    CancelInstance,
    ResolveIncident,
    ResumeInstance,
    Started,
    StartInstance,
    StartPublicly,
    SuspendInstance,
)  # fmt: skip
from engine.commands.jobs import (
    CompleteJob,
    DeliverMessage,
    DeliverSignal,
    FailJob,
    KeepMail,
    RetryJob,
    TakeJobs,
    TakenJob,
    ThrowJobError,
    TriggerTimer,
)  # fmt: skip
from engine.commands.messages import (
    AnswerForCustomer,
    AnswerPublicly,
    BroadcastSignal,
    Correlated,
    CorrelateMessage,
)  # fmt: skip
from engine.commands.tasks import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    OpenForm,
    ReleaseTask,
    RescheduleTask,
    SaveDraft,
)  # fmt: skip

__all__ = [
    "AddComment", "AnswerForCustomer", "AnswerPublicly", "AssignTask", "BroadcastSignal", "CancelInstance",
    "ChangeUser", "CheckResources", "ClaimTask", "CompleteJob", "CompleteTask", "CorrelateMessage",
    "Correlated", "CreateGroup", "CreateUser", "DeliverMessage", "DeliverSignal", "Deploy", "Deployed",
    "DeployedDefinition", "FailJob", "KeepMail", "OpenForm", "ReinstateDefinition", "ReleaseTask",
    "RescheduleTask", "ResolveIncident", "ResumeInstance", "RetireDefinition", "RetryJob", "SaveDraft",
    "SetLanguage", "SetPassword", "SignIn", "StartInstance", "StartPublicly", "Started", "SuspendInstance", "TakeJobs",
    "TakenJob", "ThrowJobError", "TriggerTimer",
]  # fmt: skip
