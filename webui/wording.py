"""The history in sentences: each event of the log told as one would tell a colleague, in the reader's language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext, ngettext

from engine.queries.trace import Fact
from webui.language import group, label, moment, person

Label = Callable[[str], str]
"""Translates a text of the diagram."""


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


_ISO_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


def value_text(value: Any) -> str:
    """A value of a variable as a person reads it."""
    match value:
        case None:
            return gettext("nothing")
        case True:
            return gettext("yes")
        case False:
            return gettext("no")
        case int() | Decimal():
            return format_decimal(value, locale=get_locale() or "en", decimal_quantization=False)
        case str() if _ISO_MOMENT.match(value):
            try:
                at = dt.datetime.fromisoformat(value)
                return moment(at) if at.tzinfo else value.replace("T", " ")
            except ValueError:
                return value
        case list():
            return ", ".join(value_text(item) for item in value) or gettext("nothing")
        case dict():
            return "; ".join(f"{name}: {value_text(item)}" for name, item in value.items()) or gettext("nothing")
        case _:
            return str(value) or gettext("nothing")


def explained(condition: str, reads: Mapping[str, Any]) -> str:
    """A condition with the values it read written behind their names: `amount (1,200) > limit (500)`."""
    text = condition.removeprefix("=").strip()
    for name in sorted(reads, key=len, reverse=True):
        found = re.search(rf"(?<![\w.\"]){re.escape(name)}(?![\w.\"(])", text)
        if found:
            text = f"{text[: found.end()]} ({value_text(reads[name])}){text[found.end() :]}"
    return text


def data_name(name: str, labels: Mapping[str, str], label: Label) -> str:
    """What people call a variable: the label of its form field, else its own name taken apart into words."""
    if name in labels:
        return label(labels[name])
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)
    return label(words[:1].upper() + words[1:].lower()) if words.isascii() else words


def sentence(
    fact: Fact, label: Label, element: Callable[[str | None], str], labels: Mapping[str, str] | None = None
) -> Sentence:
    """The sentence of a fact.

    `label` translates diagram texts, `element` gives an element's name by its id, `labels` what people call data.
    """
    if fact.data is None:
        return Sentence(gettext("%(event)s (its data was erased)", event=fact.event), "case")
    teller = _TELLERS.get(fact.event)
    if teller is None:
        told = Sentence(f"{fact.event} {element(fact.element_id)}", "path", _pairs(fact.data), is_minor=True)
    else:
        told = teller(_Told(fact.data, who_text(fact), element(fact.element_id), label, element))
    details = tuple((data_name(name, labels or {}, label), value) for name, value in told.details)
    return replace(told, details=details)


@dataclass(frozen=True)
class _Told:
    """An event as its teller sees it."""

    data: dict[str, Any]
    who: str
    place: str
    label: Label
    element: Callable[[str | None], str]

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


def _pairs(values: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value_text(value)) for name, value in (values or {}).items())


def _moment(text: str | None) -> str:
    return moment(dt.datetime.fromisoformat(text)) if text else gettext("no time")


def _whom(told: _Told) -> str:
    names = [*map(group, told["candidate_groups"] or ()), *map(person, told["candidate_users"] or ())]
    return ", ".join(names)


def _instance_started(told: _Told) -> Sentence:
    text = gettext("%(who)s started the case (version %(version)s)", who=told.who, version=told["version"])
    if told["parent_activity_key"]:
        text = gettext("The process %(process)s began", process=told["process_id"])
    return Sentence(text, "case", _pairs(told["variables"]))


def _instance_cancelled(told: _Told) -> Sentence:
    return Sentence(gettext("%(who)s ended the case early: %(reason)s", who=told.who, reason=told["reason"]), "case")


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
            "Went on to %(target)s because %(condition)s",
            target=target, condition=explained(told["condition"], told["reads"] or {}),
        )  # fmt: skip
    elif told["is_default"]:
        text = gettext("Went on to %(target)s, since no other way applied", target=target)
    else:
        return Sentence(gettext("Went on to %(target)s", target=target), "path", is_minor=True)
    return Sentence(text, "decisions", _pairs(told["reads"]))


def _event_occurred(told: _Told) -> Sentence:
    place, trigger = told.place, told["trigger"]
    if told["kind"] == "startEvent" and trigger == "none":
        return Sentence(gettext("Began at %(place)s", place=place), "path", is_minor=True)
    if told["kind"] == "endEvent":
        return Sentence(gettext("Reached the end “%(place)s”", place=place), "path")
    if trigger == "timer":
        return Sentence(gettext("The time came: %(place)s", place=place), "clocks")
    if trigger == "message":
        return Sentence(gettext("A message arrived: %(place)s", place=place), "messages", _pairs(told["variables"]))
    return Sentence(gettext("It happened: %(place)s", place=place), "path", _pairs(told["variables"]))


def _variables(told: _Told) -> Sentence:
    changes = told["changes"] or {}
    details = tuple(
        (
            name,
            gettext("%(old)s → %(new)s", old=value_text(change["old"]), new=value_text(change.get("new")))
            if "old" in change
            else value_text(change.get("new")),
        )
        for name, change in changes.items()
    )
    text = ngettext("%(num)s value changed at %(place)s", "%(num)s values changed at %(place)s", len(changes),
                    place=told.place)  # fmt: skip
    return Sentence(text, "data", details)


def _decision(told: _Told) -> Sentence:
    details = [*_pairs(told["inputs"])]
    for rule in told["rules"] or ():
        note = "; ".join(told.label(text) for text in rule.get("annotations", ()) if text)
        outcome = "; ".join(f"{name}: {value_text(value)}" for name, value in rule.get("outputs", {}).items())
        details.append((gettext("Rule %(number)s", number=rule["index"]), f"{outcome} — {note}" if note else outcome))
    numbers = ", ".join(str(rule["index"]) for rule in told["rules"] or ())
    text = gettext(
        "%(place)s: the rules gave %(result)s (rule %(numbers)s)",
        place=told.place, result=value_text(told["result"]), numbers=numbers,
    ) if numbers else gettext("%(place)s: the rules gave %(result)s", place=told.place,
                              result=value_text(told["result"]))  # fmt: skip
    return Sentence(text, "decisions", tuple(details))


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
    return Sentence(text, "people", _pairs(told["variables"]))


def _rescheduled(told: _Told) -> Sentence:
    text = gettext("%(who)s set the due date of “%(task)s” to %(time)s", who=told.who, task=told.place,
                   time=_moment(told["due"]))  # fmt: skip
    return Sentence(text, "clocks")


def _timer_set(told: _Told) -> Sentence:
    text = gettext("A timer was set for %(time)s: %(place)s", time=_moment(told["due"]), place=told.place)
    return Sentence(text, "clocks", is_minor=True)


def _job_completed(told: _Told) -> Sentence:
    text = gettext("%(place)s was done", place=told.place)
    if told["note"]:
        text = gettext("%(place)s was done: %(note)s", place=told.place, note=told["note"])
    return Sentence(text, "messages", _pairs(told["variables"]))


def _job_failed(told: _Told) -> Sentence:
    text = ngettext(
        "%(place)s failed: %(message)s (%(num)s try left)",
        "%(place)s failed: %(message)s (%(num)s tries left)",
        told["retries_left"], place=told.place, message=told["message"],
    )  # fmt: skip
    return Sentence(text, "trouble")


def _problem_text(told: _Told) -> str:
    return gettext(told["template"] or "").format(**(told["values"] or {}))


def _simple(text: str, group: str, *, minor: bool = False) -> Callable[[_Told], Sentence]:
    def tell(told: _Told) -> Sentence:
        values = {**told.data, "who": told.who, "place": told.place}
        values |= {name: person(values[name]) for name in ("assignee", "previous") if values.get(name)}
        return Sentence(gettext(text) % values, group, is_minor=minor)

    return tell


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


_TELLERS: dict[str, Callable[[_Told], Sentence]] = {
    "InstanceStarted": _instance_started,
    "InstanceCompleted": _simple(_("The case reached its end"), "case"),
    "InstanceCancelled": _instance_cancelled,
    "InstanceSuspended": _simple(_("%(who)s put the case to rest: %(reason)s"), "case"),
    "InstanceResumed": _simple(_("%(who)s let the case go on"), "case"),
    "StageReached": _stage,
    "CommentAdded": _simple(_("%(who)s noted: %(text)s"), "people"),
    "ActivityStarted": _simple(_("%(place)s began"), "path", minor=True),
    "ActivityCompleted": _simple(_("%(place)s was done"), "path", minor=True),
    "ActivityCancelled": _simple(_("%(place)s was stopped"), "path"),
    "ActivityFailed": lambda told: Sentence(
        gettext("%(place)s could not go on: %(reason)s", place=told.place, reason=_problem_text(told)), "trouble"
    ),
    "ActivityRetried": _simple(_("%(place)s was tried again"), "trouble"),
    "EventOccurred": _event_occurred,
    "EventWithdrawn": _simple(_("%(place)s is no longer waited for"), "path", minor=True),
    "FlowTaken": _flow,
    "VariablesChanged": _variables,
    "DecisionEvaluated": _decision,
    "ErrorThrown": _simple(_("The error %(code)s was raised at %(place)s"), "trouble"),
    "EscalationThrown": _simple(_("Escalated at %(place)s"), "people"),
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
    "ServiceRequested": _simple(_("%(place)s was asked for"), "messages", minor=True),
    "JobCompleted": _job_completed,
    "JobFailed": _job_failed,
    "MessageAwaited": _simple(_("Now waits for: %(place)s"), "messages", minor=True),
    "SignalAwaited": _simple(_("Now waits for the signal %(signal)s"), "messages", minor=True),
    "MessageReceived": lambda told: Sentence(
        gettext("%(who)s sent: %(place)s", who=told.who, place=told.place), "messages", _pairs(told["variables"])
    ),
    "ProcessCalled": _simple(_("%(place)s was handed to another process"), "path", minor=True),
    "IncidentRaised": lambda told: Sentence(
        gettext("An incident was raised at %(place)s: %(reason)s", place=told.place, reason=_problem_text(told)),
        "trouble",
    ),
    "IncidentResolved": _simple(_("%(who)s dealt with the incident at %(place)s"), "trouble"),
    "ResourcesDeployed": lambda told: Sentence(
        gettext("%(who)s deployed %(files)s", who=told.who, files=", ".join(told["resources"] or {})), "case"
    ),
    "DefinitionRetired": _simple(_("%(who)s retired %(process_id)s"), "case"),
    "UserCreated": _simple(_("%(who)s made the account %(username)s"), "people"),
    "UserChanged": _simple(_("%(who)s changed the account %(username)s"), "people"),
    "PasswordChanged": _simple(_("%(who)s set a new password for %(username)s"), "people"),
    "GroupCreated": _simple(_("%(who)s made the group %(group_name)s"), "people"),
    "SignedIn": _simple(_("%(who)s signed in from %(address)s"), "people"),
    "SignInRefused": _simple(_("Somebody at %(address)s was refused: %(reason)s"), "trouble"),
    "AttemptRefused": _simple(_("%(who)s was refused %(command)s: %(reason)s"), "trouble"),
}
