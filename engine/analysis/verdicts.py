"""Verdicts: what a change would have meant for one recorded case, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.analysis.recordings import Recording, Step
from engine.analysis.runs import Answers, Ran

SAME, CHANGED, STUCK, MISSING, LEFT_OUT = "same", "changed", "stuck", "missing", "left_out"
VERDICTS = (STUCK, MISSING, CHANGED, SAME, LEFT_OUT)

GOES_ELSEWHERE = "After *{before}* comes *{new}* instead of *{old}*."
COMES_NEW = "After *{before}* comes *{new}*, which did not come before."
COMES_NO_MORE = "After *{before}*, *{old}* comes no more."
IS_STOPPED = "*{new}* is stopped after *{before}*."
NEVER_ASKED = "*{element}* needs {missing}, which was never asked before."
RAISES = "*{element}* cannot go on."
WAITS = "The case waits at *{element}*, for which nothing was recorded."
DOES_NOT_END = "The case came to its end, but does not any more."
BY_HAND = "The case was moved by hand or to another version: its way cannot be replayed."
ERASED = "Data of this case was erased: it cannot be replayed."


@dataclass(frozen=True)
class Reason:
    """Why a verdict is what it is: a sentence with its values, and what the condition read that decided."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    element: str = ""
    reads: Mapping[str, Any] = field(default_factory=dict)
    cause: tuple[str, Mapping[str, Any]] | None = None
    """The interpreter's own sentence, when something failed."""


@dataclass(frozen=True)
class Verdict:
    """What a change would have meant for a case."""

    kind: str
    reason: Reason | None = None


def left_out(recording: Recording) -> Verdict | None:
    """The verdict on a case that cannot be replayed; none when it can."""
    if recording.is_erased:
        return Verdict(LEFT_OUT, Reason(ERASED))
    if recording.by_hand:
        return Verdict(LEFT_OUT, Reason(BY_HAND))
    return None


def judged(recording: Recording, ran: Ran, names: Mapping[str, str], asked: Iterable[str], answers: Answers) -> Verdict:
    """The verdict on a case that was run again; `names` are what people call elements, `asked` all data there ever was.

    A case that failed where it failed in earnest has gone the same way.
    """
    failed = {step.element for step in recording.path if step.what == "failed"}
    for trouble in ran.troubles:
        if answers.renamed.get(trouble.element, trouble.element) not in failed:
            return Verdict(STUCK, _trouble(trouble.element, trouble.label, trouble.template, trouble.values, asked))
    if ran.unanswered:
        element = ran.unanswered[0]
        return Verdict(MISSING, Reason(WAITS, {"element": names.get(element, element)}, element))
    if recording.ended_at is not None and recording.cancelled_at is None and not ran.is_completed:
        return Verdict(STUCK, Reason(DOES_NOT_END))
    difference = _difference(recording, ran, names, answers.renamed)
    return Verdict(SAME) if difference is None else Verdict(CHANGED, difference)


def _trouble(element: str, label: str, template: str, values: Mapping[str, Any], asked: Iterable[str]) -> Reason:
    known = set(asked)
    missing = [path.strip() for path in str(values.get("missing", "")).split(",") if path.strip()]
    if missing and not known & {path.split(".")[0] for path in missing}:
        said = {"element": label, "missing": ", ".join(missing)}
        return Reason(NEVER_ASKED, said, element, cause=(template, values))
    return Reason(RAISES, {"element": label}, element, cause=(template, values))


def _difference(recording: Recording, ran: Ran, names: Mapping[str, str], renamed: Mapping[str, str]) -> Reason | None:
    """The first step that is another one; flows and gateways alone make no difference, nor does mere order."""
    old = [step for step in recording.path if step.what != "flow"]
    new = [_as_recorded(step, renamed) for step in ran.path if step.what != "flow"]
    if Counter(old) == Counter(new):
        return None
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    back = {then: now for now, then in renamed.items()}

    def name(steps: Sequence[Step], index: int) -> str:
        element = steps[index].element
        element = back.get(element, element)
        return names.get(element, element)

    values = {"before": name(new, at - 1) if at else ""}
    reads = _reads_before(ran, at)
    if at >= len(new):
        return Reason(COMES_NO_MORE, {**values, "old": name(old, at)}, old[at].element, reads)
    element = new[at].element
    if new[at].what == "stopped":
        return Reason(IS_STOPPED, {**values, "new": name(new, at)}, element, reads)
    if at >= len(old) or new[at] not in old[at:] and old[at] in new[at:]:
        return Reason(COMES_NEW, {**values, "new": name(new, at)}, element, reads)
    return Reason(GOES_ELSEWHERE, {**values, "new": name(new, at), "old": name(old, at)}, element, reads)


def _reads_before(ran: Ran, at: int) -> Mapping[str, Any]:
    """What the conditions read between the last step that is the same and the first that is not."""
    seen = 0
    reads: dict[str, Any] = {}
    for index, step in enumerate(ran.path):
        if step.what != "flow":
            seen += 1
            if seen > at:
                break
            reads = {}
        else:
            reads = {**reads, **ran.reads.get(index, {})}
    return reads


def _as_recorded(step: Step, renamed: Mapping[str, str]) -> Step:
    return step._replace(element=renamed.get(step.element, step.element)) if renamed else step
