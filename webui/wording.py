"""The history in sentences: each event of the log told as one would tell a colleague, in the reader's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from engine.queries.definitions import DataWords
from engine.queries.trace import Fact
from webui.data_texts import DataReader, Label
from webui.language import dated, group, label, person
from webui.language import sentence as engine_sentence


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


@dataclass(frozen=True)
class Sentence:
    """One line of the timeline."""

    text: str
    group: str
    """people, path, decisions, clocks, data, messages, trouble or case: what the filters choose by."""
    details: tuple[tuple[str, str], ...] = ()
    """What opens below: (name, value)."""
    is_minor: bool = False
    """Told only when everything is asked for."""


def sentence(
    fact: Fact, label: Label, element: Callable[[str | None], str], words: DataWords | None = None
) -> Sentence:
    """The sentence of a fact.

    `label` translates diagram texts, `element` gives an element's name by its id, `words` what people call data.
    """
    if fact.data is None:
        return Sentence(gettext("%(event)s (its data was erased)", event=fact.event), "case")
    reader = DataReader(words or DataWords({}, {}), label)
    teller = _TELLERS.get(fact.event)
    if teller is None:
        return Sentence(f"{fact.event} {element(fact.element_id)}", "path", reader.pairs(fact.data), is_minor=True)
    return teller(_Told(fact.data, who_text(fact), element(fact.element_id), label, element, reader))


@dataclass(frozen=True)
class _Told:
    """An event as its teller sees it."""

    data: dict[str, Any]
    who: str
    place: str
    label: Label
    element: Callable[[str | None], str]
    reader: DataReader

    def __getitem__(self, name: str) -> Any:
        return self.data.get(name)


def element_namer(outline: Mapping[str, Any]) -> Callable[[str | None], str]:
    """Gives an element's name as a person reads it; elements without a name are called by their kind."""
    elements: dict[str, dict[str, str]] = outline.get("elements", {})

    def name(element_id: str | None) -> str:
        element = elements.get(element_id or "")
        if element is None:
            return element_id or ""
        return label(element["name"]) or kind_text(element["kind"])

    return name


def kind_text(kind: str) -> str:
    """What a kind of element is called by people who do not draw diagrams."""
    if kind.endswith("Gateway"):
        return gettext("a fork or meeting of ways")
    if kind.endswith("Event"):
        return gettext("an event")
    return gettext("a step")


def who_text(fact: Fact) -> str:
    """Who did it, as people call him."""
    return fact.actor_name if fact.actor_name != fact.actor else person(fact.actor)


def _moment(text: str | None) -> str:
    return dated(dt.datetime.fromisoformat(text)) if text else gettext("no time")


def _whom(told: _Told) -> str:
    names = [*map(group, told["candidate_groups"] or ()), *map(person, told["candidate_users"] or ())]
    return gettext(", ").join(names)


def _instance_started(told: _Told) -> Sentence:
    text = gettext("%(who)s started the case (version %(version)s)", who=told.who, version=told["version"])
    if told["parent_activity_key"]:
        text = gettext("The process %(process)s began", process=told["process_id"])
    return Sentence(text, "case", told.reader.pairs(told["variables"]))


def _instance_cancelled(told: _Told) -> Sentence:
    return Sentence(gettext("%(who)s ended the case early: %(reason)s", who=told.who, reason=told["reason"]), "case")


def _instance_modified(told: _Told) -> Sentence:
    parts = []
    for name, text in (
        ("stopped", _("stopped %(places)s")), ("before", _("began %(places)s")),
        ("after", _("went on after %(places)s")),
    ):  # fmt: skip
        if told[name]:
            places = gettext(", ").join(f"“{told.element(id)}”" for id in told[name])
            parts.append(gettext(text, places=places))
    what = gettext(", ").join(parts)
    return Sentence(
        gettext("%(who)s moved the case by hand: %(what)s. %(reason)s", who=told.who, what=what,
                reason=told["reason"]),
        "case",
    )  # fmt: skip


def _instance_migrated(told: _Told) -> Sentence:
    text = gettext(
        "%(who)s moved the case from version %(old)s to version %(new)s: %(reason)s",
        who=person(told["requested_by"]), old=told["from_version"], new=told["version"], reason=told["reason"],
    )  # fmt: skip
    details = [(f"{old} → {told.element(new)}", gettext("New place")) for old, new in (told["mapping"] or {}).items()]
    if told["renewed"]:
        details.append((gettext("Worked out anew"), ", ".join(told["renewed"])))
    return Sentence(text, "case", tuple(details))


def _stage(told: _Told) -> Sentence:
    text = gettext("The customer now sees “%(stage)s”", stage=told.label(told["stage"]))
    if told["promised"]:
        text = gettext(
            "The customer now sees “%(stage)s”, with news promised by %(time)s",
            stage=told.label(told["stage"]), time=_moment(told["promised"]),
        )  # fmt: skip
    return Sentence(text, "messages")


def _flow(told: _Told) -> Sentence:
    target = told.element(told["target"])
    if told["condition"]:
        text = gettext(
            "Went on to “%(target)s” because %(condition)s",
            target=target, condition=told.reader.condition(told["condition"], told["reads"] or {}),
        )  # fmt: skip
    elif told["is_default"]:
        text = gettext("Went on to “%(target)s”, since no other way applied", target=target)
    else:
        return Sentence(gettext("Went on to “%(target)s”", target=target), "path", is_minor=True)
    return Sentence(text, "decisions", _why(told))


def _why(told: _Told) -> tuple[tuple[str, str], ...]:
    """What a condition read, and how it is written in the diagram."""
    reads = tuple((told.reader.path(path), told.reader.value(path.rpartition(".")[2], value))
                  for path, value in (told["reads"] or {}).items())  # fmt: skip
    written = ((gettext("Written in the diagram"), told["condition"]),) if told["condition"] else ()
    return reads + written


def _event_occurred(told: _Told) -> Sentence:
    place, trigger = told.place, told["trigger"]
    if told["kind"] == "startEvent" and trigger == "none":
        return Sentence(gettext("Began at “%(place)s”", place=place), "path", is_minor=True)
    if told["kind"] == "endEvent":
        return Sentence(gettext("Reached the end “%(place)s”", place=place), "path")
    if trigger == "timer":
        return Sentence(gettext("The time came: %(place)s", place=place), "clocks")
    if trigger == "message":
        text = gettext("A message arrived: %(place)s", place=place)
        return Sentence(text, "messages", told.reader.pairs(told["variables"]), is_minor=True)
    return Sentence(gettext("It happened: %(place)s", place=place), "path", told.reader.pairs(told["variables"]))


def _variables(told: _Told) -> Sentence:
    changes = told["changes"] or {}
    details = tuple((told.reader.name(name), _change(told.reader, name, change)) for name, change in changes.items())
    text = ngettext("%(num)s value changed at “%(place)s”", "%(num)s values changed at “%(place)s”", len(changes),
                    place=told.place)  # fmt: skip
    return Sentence(text, "data", details)


def _change(reader: DataReader, name: str, change: Mapping[str, Any]) -> str:
    new = reader.value(name, change.get("new"))
    if "old" not in change:
        return new
    return gettext("%(old)s → %(new)s", old=reader.value(name, change["old"]), new=new)


def _decision(told: _Told) -> Sentence:
    result, rules = told.reader.value("", told["result"]), told["rules"] or ()
    numbers = ", ".join(str(rule["index"]) for rule in rules)
    text = (
        gettext("“%(place)s”: the rules gave %(result)s (rule %(numbers)s)", place=told.place, result=result,
                numbers=numbers)
        if numbers
        else gettext("“%(place)s”: the rules gave %(result)s", place=told.place, result=result)
    )  # fmt: skip
    details = (*told.reader.pairs(told["inputs"]), *(_rule(told, rule) for rule in rules), *_hints(told))
    return Sentence(text, "decisions", details)


def _hints(told: _Told) -> tuple[tuple[str, str], ...]:
    """Why a decision gave nothing somewhere, such as a value that is not there."""
    hints = dict.fromkeys(engine_sentence(each["template"], each["values"]) for each in told["warnings"] or ())
    return ((gettext("Hints"), " ".join(hints)),) if hints else ()


def _rule(told: _Told, rule: Mapping[str, Any]) -> tuple[str, str]:
    """A rule that applied: its number, what it says, and the note that its owner wrote beside it."""
    outcome = told.reader.value("", rule.get("outputs", {}))
    note = "; ".join(told.label(text) for text in rule.get("annotations", ()) if text)
    name = gettext("%(decision)s, rule %(number)s", decision=told.label(rule.get("decision", "")), number=rule["index"])
    return name, f"{outcome} — {note}" if note else outcome


def _task_created(told: _Told) -> Sentence:
    if told["assignee"]:
        text = gettext("Task “%(task)s” was given to %(who)s", task=told.place, who=person(told["assignee"]))
    elif told["candidate_groups"] or told["candidate_users"]:
        text = gettext(
            "Task “%(task)s” was offered to %(whom)s",
            task=told.place, whom=_whom(told),
        )  # fmt: skip
    else:
        text = gettext("Task “%(task)s” was created", task=told.place)
    details = ((gettext("Due"), _moment(told["due"])),) if told["due"] else ()
    return Sentence(text, "people", details)


def _task_completed(told: _Told) -> Sentence:
    text = gettext("%(who)s completed “%(task)s”", who=told.who, task=told.place)
    return Sentence(text, "people", told.reader.pairs(told["variables"]))


def _rescheduled(told: _Told) -> Sentence:
    text = gettext("%(who)s set the due date of “%(task)s” to %(time)s", who=told.who, task=told.place,
                   time=_moment(told["due"]))  # fmt: skip
    return Sentence(text, "clocks")


def _timer_set(told: _Told) -> Sentence:
    text = gettext("A timer was set for %(time)s: %(place)s", time=_moment(told["due"]), place=told.place)
    return Sentence(text, "clocks", is_minor=True)


def _job_completed(told: _Told) -> Sentence:
    text = gettext("“%(place)s” was done", place=told.place)
    if told["note"]:
        text = gettext("“%(place)s” was done: %(note)s", place=told.place, note=_note(told["note"]))
    return Sentence(text, "messages", told.reader.pairs(told["variables"]))


_NOTES = (
    (re.compile(r"sent to (?P<who>.+)"), _("sent to %(who)s")),
    (
        re.compile(r"kept in the outbox for (?P<who>.+), since there is no mail server"),
        _("kept in the outbox for %(who)s, since there is no mail server"),
    ),
)
"""What our own services say when they are done; those of others speak for themselves."""


def _note(text: str) -> str:
    for pattern, translated in _NOTES:
        if found := pattern.fullmatch(text):
            return gettext(translated) % found.groupdict()
    return text


def _job_failed(told: _Told) -> Sentence:
    text = ngettext(
        "“%(place)s” failed: %(message)s (%(num)s try left)",
        "“%(place)s” failed: %(message)s (%(num)s tries left)",
        told["retries_left"], place=told.place, message=told["message"],
    )  # fmt: skip
    return Sentence(text, "trouble")


def _sign_in_refused(told: _Told) -> Sentence:
    reason = told["reason"]
    text = gettext(
        "Somebody at %(address)s was refused: %(reason)s", address=told["address"], reason=gettext(reason)
    )
    return Sentence(text, "trouble")


def _problem_text(told: _Told) -> str:
    return engine_sentence(told["template"] or "", told["values"] or {})


def _simple(text: str, group: str, *, minor: bool = False) -> Callable[[_Told], Sentence]:
    def tell(told: _Told) -> Sentence:
        values = {**told.data, "who": told.who, "place": told.place}
        values |= {name: person(values[name]) for name in ("assignee", "previous") if values.get(name)}
        return Sentence(gettext(text) % values, group, is_minor=minor)

    return tell


_TELLERS: dict[str, Callable[[_Told], Sentence]] = {
    "InstanceStarted": _instance_started,
    "InstanceCompleted": _simple(_("The case reached its end"), "case"),
    "InstanceCancelled": _instance_cancelled,
    "InstanceSuspended": _simple(_("%(who)s put the case to rest: %(reason)s"), "case"),
    "InstanceResumed": _simple(_("%(who)s let the case go on"), "case"),
    "InstanceModified": _instance_modified,
    "InstanceMigrated": _instance_migrated,
    "ActivityMigrated": _simple(_("“%(place)s” goes on where it was"), "path", minor=True),
    "StageReached": _stage,
    "CommentAdded": _simple(_("%(who)s noted: %(text)s"), "people"),
    "ActivityStarted": _simple(_("“%(place)s” began"), "path", minor=True),
    "ActivityCompleted": _simple(_("“%(place)s” was done"), "path", minor=True),
    "ActivityCancelled": _simple(_("“%(place)s” was stopped"), "path"),
    "ActivityFailed": lambda told: Sentence(
        gettext("“%(place)s” could not go on: %(reason)s", place=told.place, reason=_problem_text(told)), "trouble"
    ),
    "ActivityRetried": _simple(_("“%(place)s” was tried again"), "trouble"),
    "EventOccurred": _event_occurred,
    "EventPartOccurred": lambda told: Sentence(
        gettext("Some of what “%(place)s” waits for has come", place=told.place),
        "path",
        told.reader.pairs(told["variables"]),
    ),
    "EventWithdrawn": _simple(_("“%(place)s” is no longer waited for"), "path", minor=True),
    "FlowTaken": _flow,
    "VariablesChanged": _variables,
    "DecisionEvaluated": _decision,
    "ErrorThrown": _simple(_("The error %(code)s was raised at “%(place)s”"), "trouble"),
    "EscalationThrown": _simple(_("Escalated at “%(place)s”"), "people"),
    "MessageThrown": _simple(_("The message %(message)s was sent to other cases"), "messages"),
    "SignalThrown": _simple(_("The signal %(signal)s was broadcast"), "messages"),
    "TaskCreated": _task_created,
    "TaskAssigned": _simple(_("%(who)s gave “%(place)s” to %(assignee)s"), "people"),
    "TaskClaimed": _simple(_("%(who)s took “%(place)s”"), "people"),
    "TaskReleased": _simple(_("%(who)s gave “%(place)s” back"), "people"),
    "TaskOffered": lambda told: Sentence(
        gettext(
            "%(who)s offered “%(task)s” to %(whom)s", who=told.who, task=told.place,
            whom=_whom(told),
        ),
        "people",
    ),
    "TaskRescheduled": _rescheduled,
    "FormOpened": _simple(_("%(who)s opened “%(place)s”"), "people", minor=True),
    "TaskCompleted": _task_completed,
    "TimerSet": _timer_set,
    "ServiceRequested": _simple(_("“%(place)s” was asked for"), "messages", minor=True),
    "JobCompleted": _job_completed,
    "JobFailed": _job_failed,
    "MessageAwaited": _simple(_("Now waits for: %(place)s"), "messages", minor=True),
    "SignalAwaited": _simple(_("Now waits for the signal %(signal)s"), "messages", minor=True),
    "MessageReceived": lambda told: Sentence(
        gettext("%(who)s sent: %(place)s", who=told.who, place=told.place),
        "messages",
        told.reader.pairs(told["variables"]),
    ),
    "ProcessCalled": _simple(_("“%(place)s” was handed to another process"), "path", minor=True),
    "IncidentRaised": lambda told: Sentence(
        gettext("An incident was raised at “%(place)s”: %(reason)s", place=told.place, reason=_problem_text(told)),
        "trouble",
    ),
    "IncidentResolved": _simple(_("%(who)s dealt with the incident at “%(place)s”"), "trouble"),
    "ResourcesDeployed": lambda told: Sentence(
        gettext("%(who)s deployed %(files)s", who=told.who, files=", ".join(told["resources"] or {})), "case"
    ),
    "ProjectOpened": _simple(_("%(who)s began to change %(process_id)s: %(project)s"), "case"),
    "ProjectDiscarded": _simple(_("%(who)s gave up the change: %(project)s"), "case"),
    "ProjectPublished": _simple(_("%(who)s published %(project)s: %(note)s"), "case"),
    "VersionRestored": _simple(
        _("%(who)s returned %(definition_id)s to what version %(version)s was: %(note)s"), "case"
    ),
    "GateOverridden": _simple(_("%(who)s published %(project)s although %(found)s: %(reason)s"), "case"),
    "ReviewAsked": _simple(_("%(who)s asked for a review of %(project)s: %(question)s"), "case"),
    "ReviewGiven": lambda told: Sentence(
        (gettext("%(who)s approved %(project)s: %(answer)s") if told["is_approved"]
         else gettext("%(who)s sent %(project)s back: %(answer)s"))
        % {"who": told.who, "project": told["project"], "answer": told["answer"]},
        "case",
    ),
    "TrialBegun": _simple(_("%(who)s began to try out a new version: %(trial)s"), "case"),
    "TrialEnded": lambda told: Sentence(
        (gettext("%(who)s made the version that was tried out the one for everybody. %(note)s") if told["is_promoted"]
         else gettext("%(who)s withdrew the version that was tried out. %(note)s"))
        % {"who": told.who, "note": told["note"]},
        "case",
    ),
    "WorkshopSettingChanged": _simple(_("%(who)s set %(setting)s for %(process_id)s to %(value)s"), "case"),
    "ElementTemplateSaved": _simple(_("%(who)s saved the prepared element %(template_name)s"), "case"),
    "ElementTemplateRemoved": _simple(_("%(who)s took away the prepared element %(template_name)s"), "case"),
    "DefinitionSuspended": _simple(_("%(who)s put version %(version)s of %(process_id)s to rest: %(reason)s"), "case"),
    "DefinitionResumed": _simple(_("%(who)s let version %(version)s of %(process_id)s go on"), "case"),
    "DefinitionRetired": _simple(_("%(who)s retired %(process_id)s"), "case"),
    "DefinitionReinstated": _simple(_("%(who)s let %(process_id)s take new cases again"), "case"),
    "UserCreated": _simple(_("%(who)s made the account %(username)s"), "people"),
    "UserChanged": _simple(_("%(who)s changed the account %(username)s"), "people"),
    "PasswordChanged": _simple(_("%(who)s set a new password for %(username)s"), "people"),
    "GroupCreated": _simple(_("%(who)s made the group %(group_name)s"), "people"),
    "SignedIn": _simple(_("%(who)s signed in from %(address)s"), "people"),
    "SignInRefused": _sign_in_refused,
    "AttemptRefused": lambda told: Sentence(
        gettext("%(who)s was refused %(command)s: %(reason)s", who=told.who, command=told["command"],
                reason=_problem_text(told)),
        "trouble",
    ),
}
