"""Words that the engine fills into its sentences, as people read them; marked here for the catalogue of the pages."""

from __future__ import annotations


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


WORDS = frozenset(
    {
        _("complete"), _("claim"), _("release"), _("assign"), _("open"), _("save a draft of"), _("reschedule"),
        _("active"), _("suspended"), _("completed"), _("cancelled"),
        _("task"), _("process instance"), _("job"), _("incident"), _("definition"), _("person"), _("user account"),
        _("subscription"), _("deployment"), _("process"), _("decision"), _("form"), _("catalogue"),
    }
)  # fmt: skip
"""Verbs, states and nouns; whatever else is filled in is a name or data and stays as it is."""

PERMISSIONS = {
    "case:cancel": _("end cases early"),
    "case:comment": _("write notes on cases"),
    "case:read": _("see cases"),
    "case:read-all": _("see all cases"),
    "case:start": _("start cases"),
    "case:suspend": _("put cases to rest"),
    "definition:deploy": _("put processes into force"),
    "definition:read": _("see processes"),
    "incident:resolve": _("deal with incidents"),
    "job:read": _("see jobs"),
    "job:run": _("run jobs"),
    "log:read": _("read the audit log"),
    "message:send": _("send messages to cases"),
    "outbox:read": _("see the outbox"),
    "public:file": _("file cases as a customer"),
    "task:assign": _("give tasks to people"),
    "task:read-all": _("see all tasks"),
    "task:work": _("work on tasks"),
    "user:manage": _("look after people and groups"),
}

SENTENCES = (
    _("Expected a user name and password that belong together, but these do not."),
    _("Expected a user name and password, but there were too many wrong ones. Try again after {time}."),
)
"""Sentences that stand in the engine under a name of their own, where they are not found by themselves."""
