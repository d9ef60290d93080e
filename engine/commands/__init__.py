"""The verbs: everything that changes anything. They know no pages, no HTTP and no outside world."""

from engine.commands.batches import DoBatchCase, MigrateInstances, ResumeDefinition, SuspendDefinition
from engine.commands.copies import CopyProcess
from engine.commands.deployments import (
    CheckResources,
    Deploy,
    Deployed,
    DeployedDefinition,
    ReinstateDefinition,
    RetireDefinition,
)  # fmt: skip
from engine.commands.folders import BringFilesIn
from engine.commands.identity import ChangeUser, CreateGroup, CreateUser, SetLanguage, SetPassword, SignIn
from engine.commands.impacts import CheckImpact, ProcessImpact
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
    BeginCall,
    CompleteJob,
    DeliverMessage,
    DeliverReply,
    DeliverSignal,
    FailJob,
    KeepMail,
    RetryJob,
    TakeOverAnswer,
    ThrowJobError,
    TriggerTimer,
)  # fmt: skip
from engine.commands.leases import RenewLeases, TakeJobs, TakenJob
from engine.commands.messages import (
    AnswerForCustomer,
    AnswerPublicly,
    BroadcastSignal,
    Correlated,
    CorrelateMessage,
    EvaluateConditions,
)  # fmt: skip
from engine.commands.moves import (
    CheckedCase,
    CheckMigration,
    CheckMove,
    FindPlaces,
    Foreseen,
    Impact,
    MigrateInstance,
    ModifyInstance,
)  # fmt: skip
from engine.commands.packs import DoJobs, Pack, PackSpoilt
from engine.commands.projects import (
    AddProjectFile,
    CheckProject,
    DiscardProject,
    GatherProject,
    KeepProjectFile,
    NoteEditor,
    OpenProject,
    RemoveProjectFile,
    RevertProjectFile,
    SaveProjectFile,
    StartProject,
)  # fmt: skip
from engine.commands.publishing import Override, PromoteTrial, PublishProject, ReturnToVersion, WithdrawTrial
from engine.commands.replays import KeepReplay
from engine.commands.tasks import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    OpenForm,
    ReleaseTask,
    RescheduleTask,
    SaveDraft,
)  # fmt: skip
from engine.commands.walks import KeepWalk
from engine.commands.workshop import (
    AskForReview,
    ChangeWorkshopSetting,
    GiveReview,
    RemoveElementTemplate,
    SaveElementTemplate,
)

__all__ = [
    "AddComment", "AddProjectFile", "AnswerForCustomer", "AnswerPublicly", "AskForReview", "AssignTask", "BeginCall",
    "BringFilesIn", "BroadcastSignal", "CancelInstance", "ChangeUser", "ChangeWorkshopSetting", "CheckImpact",
    "CheckMigration", "CheckMove", "CheckProject", "CheckResources", "CheckedCase", "ClaimTask", "CompleteJob",
    "CompleteTask", "CopyProcess", "CorrelateMessage", "Correlated", "CreateGroup", "CreateUser", "DeliverMessage",
    "DeliverReply", "DeliverSignal", "Deploy", "Deployed", "DeployedDefinition", "DiscardProject", "DoBatchCase",
    "DoJobs", "EvaluateConditions", "FailJob", "FindPlaces", "Foreseen", "GatherProject", "GiveReview", "Impact",
    "KeepMail", "KeepProjectFile", "KeepReplay", "KeepWalk", "MigrateInstance", "MigrateInstances", "ModifyInstance",
    "NoteEditor", "OpenForm", "OpenProject", "Override", "Pack", "PackSpoilt", "ProcessImpact", "PromoteTrial",
    "PublishProject", "ReinstateDefinition", "ReleaseTask", "RemoveElementTemplate", "RemoveProjectFile", "RenewLeases",
    "RescheduleTask", "ResolveIncident", "ResumeDefinition", "ResumeInstance", "RetireDefinition", "RetryJob",
    "ReturnToVersion", "RevertProjectFile", "SaveDraft", "SaveElementTemplate", "SaveProjectFile", "SetLanguage",
    "SetPassword", "SignIn", "StartInstance", "StartProject", "StartPublicly", "Started", "SuspendDefinition",
    "SuspendInstance", "TakeJobs", "TakeOverAnswer", "TakenJob", "ThrowJobError", "TriggerTimer", "WithdrawTrial",
]  # fmt: skip
