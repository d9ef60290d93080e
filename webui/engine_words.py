"""Words that the engine fills into its sentences, as people read them; marked here for the catalogue of the pages."""

from __future__ import annotations


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


WORDS = frozenset(
    {
        _("complete"), _("claim"), _("release"), _("assign"), _("open"), _("save a draft of"), _("reschedule"),
        _("move"),
        _("active"), _("suspended"), _("completed"), _("cancelled"),
        _("task"), _("process instance"), _("job"), _("incident"), _("definition"), _("person"), _("user account"),
        _("subscription"), _("deployment"), _("process"), _("decision"), _("form"), _("catalogue"),
        _("message"), _("signal"), _("error"), _("escalation"), _("timer"), _("condition"), _("conditional"),
        # what an expression of a diagram is for
        _("expression"), _("script"), _("mapping"), _("input"), _("output"), _("header"), _("stage"),
        _("promise"), _("lane"), _("assignee"), _("candidate users"), _("candidate groups"), _("due date"),
        _("follow-up date"), _("priority"), _("service type"), _("number of retries"), _("called process"),
        _("correlation key"), _("message name"), _("signal name"), _("error code"), _("escalation code"),
        _("link name"), _("collection"), _("number of repetitions"), _("number of instances"), _("output element"),
        _("output of each repetition"), _("completion condition"), _("loop condition"), _("maximum number of rounds"),
        # what was expected
        _("a text"), _("a list"), _("a whole number"), _("a date and time such as 2026-05-01T09:00:00Z"),
        _("a duration such as PT4H or P7D"), _("a repeating interval such as R3/PT10M"),
        _("it is nested too deeply"), _("a number is not finite"),
        # elements and places of a diagram
        _("start"), _("end"), _("start event"), _("end event"), _("boundary event"), _("intermediate catch event"),
        _("intermediate throw event"), _("sub process"), _("user task"), _("service task"), _("send task"),
        _("receive task"), _("script task"), _("business rule task"), _("manual task"), _("call activity"),
        _("exclusive gateway"), _("parallel gateway"), _("inclusive gateway"), _("event based gateway"),
        _("complex gateway"), _("sequence flow"), _("here"), _("at the start of a process"),
        _("at the start of a sub-process"), _("as an interrupting event"), _("as a non-interrupting event"),
        _("for several entries at once"), _("for several entries in turn"),
    }
)  # fmt: skip
"""Verbs, states and nouns; whatever else is filled in is a name or data and stays as it is, as do FEEL's own types."""

PLACES_OF_WORDS = frozenset(
    {"verb", "status", "noun", "kind", "use", "where", "end", "trigger", "purpose", "expected", "reason"}
)
"""The values of sentences that hold such words; a case or an element may happen to be called like one."""

PERMISSIONS = {
    "case:cancel": _("end cases early"),
    "case:comment": _("write notes on cases"),
    "case:move": _("move cases by hand or to another version"),
    "case:read": _("see cases"),
    "case:read-all": _("see all cases"),
    "case:start": _("start cases"),
    "case:suspend": _("put cases to rest"),
    "definition:deploy": _("put processes into force"),
    "definition:draft": _("change processes in projects"),
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

DEMO_PEOPLE = (
    _("staff: takes complaints in"),
    _("staff: looks into products and operations"),
    _("staff, in Chinese: takes in, service and finance"),
    _("staff: quality management and finance"),
    _("team lead"),
    _("team lead, in Chinese"),
    _("process owner: diagrams, forms, tables"),
    _("auditor: reads everything, changes nothing"),
    _("operator: jobs, incidents, outbox"),
    _("administrator: people, groups, everything"),
)
"""What the people of the demonstration are for."""

DEMO_GROUPS = (_("Intake"),)
"""What a group of the demonstration is called that no form of the library names."""

VERDICTS = (
    _("the entry that belongs here is missing"),
    _("it does not follow the entry before it"),
    _("its hash does not fit what it says"),
    _("its data does not fit its commitment"),
)
"""Why an entry of the log does not fit."""

REFUSALS = (_("unknown user"), _("too many wrong tries"), _("wrong password"), _("account not active"))
"""Why somebody could not sign in, as the log keeps it."""
