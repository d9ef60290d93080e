"""One small function a rule: what it finds wrong in a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from engine.checks.findings import LEASE_GRACE, LONGEST_LEASE, Finding
from engine.checks.records import Case, Running
from engine.model import Job, ProcessInstance

Rule = Callable[[Case, dt.datetime], Iterator[Finding]]
Open = dict[tuple[str, int], str | None]
"""What is waited for: kind and activity key → element."""
ENDED = ("completed", "cancelled")
OWN_WAITS = ("timer", "service", "answer")
"""Jobs that are a wait of the case itself; the others bring it something."""


def has_a_next_thing(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """A running instance has a task, a job, a wait, an incident, a called process or a condition ahead of it."""
    busy: set[int | None] = {task.instance_key for task in case.tasks if task.status == "open"}
    for rows in (case.jobs, case.subscriptions, case.incidents):
        busy.update(row.instance_key for row in rows)
    busy.update(running.instance.parent_key for running in case.running.values())
    for key, running in case.running.items():
        if key not in busy and not (running.execution and running.execution.watches):
            yield _at(running.instance, "next-thing", "it runs, but nothing is ahead of it: it would stand for ever")


def tasks_are_completed_once(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """The log tells each completed task once, and no other as completed."""
    for key, count in case.tale.completions.items():
        if count > 1:
            yield _of_root(case, "once", f"the log tells {count} times that this task was completed", key=key)
    if not case.tale.is_whole:
        return
    completed = {task.key: task for task in case.tasks if task.status == "completed"}
    for key in case.tale.completions.keys() - completed.keys():
        yield _of_root(case, "once", "the log tells that this task was completed, but its row does not", key=key)
    for key in completed.keys() - case.tale.completions.keys():
        yield _row(case, completed[key], "once", "this task is completed, but the log does not tell it")


def state_and_rows_agree(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """Every wait of a state has its row, and every row its wait."""
    for running in case.running.values():
        if running.execution is None:
            yield _at(running.instance, "state", f"its state cannot be read: {running.trouble}")
            continue
        rows: Open = _open_rows(case, running.instance.key)
        awaited: Open = {(each.kind, each.activity_key): each.element_id for each in running.execution.awaited()}
        for (kind, key), element_id in awaited.items():
            if (kind, key) not in rows:
                fact = f"the case waits for this {_noun(kind)}, but there is no row of it"
                yield _at(running.instance, "state", fact, element_id, key)
        failures = running.execution.failures()
        for (kind, key), element_id in rows.items():
            if (kind, key) not in awaited and not (kind == "service" and key in failures):
                fact = f"there is a row of this {_noun(kind)}, but the case does not wait for it"
                yield _at(running.instance, "state", fact, element_id, key)
        yield from _failures_and_incidents_agree(case, running, failures)


def _failures_and_incidents_agree(case: Case, running: Running, failures: dict[int, str]) -> Iterator[Finding]:
    incidents = {each.activity_key: each for each in case.incidents if each.instance_key == running.instance.key}
    for key, element_id in failures.items():
        if key not in incidents:
            fact = "this has failed and waits for a person, but there is no incident"
            yield _at(running.instance, "state", fact, element_id, key)
    for job in case.jobs:
        if job.instance_key == running.instance.key and job.status == "failed" and job.kind != "signal":
            if job.key not in incidents:
                yield _row(case, job, "state", "this job has no tries left, but there is no incident")


def log_and_rows_agree(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """What the log has left open is open, and what is open the log has told."""
    if not case.tale.is_whole:
        return
    for key, instance in case.instances.items():
        status = case.tale.status.get(key)
        if status != instance.status:
            said = status or "not there at all"
            yield _at(instance, "log", f"its row says that it is {instance.status}, but the log that it is {said}")
        if instance.status in ENDED:
            continue
        rows = _open_rows(case, key)
        left_open = {
            (each.kind, passage): each.element_id
            for passage, each in case.tale.open.items()
            if each.instance_key == key
        }
        for (kind, passage), element_id in left_open.items():
            if (kind, passage) not in rows:
                fact = f"the log tells of this {_noun(kind)} and not of its end, but there is no row of it"
                yield _at(instance, "log", fact, element_id, passage)
        for (kind, passage), element_id in rows.items():
            if kind != "call" and (kind, passage) not in left_open and not _is_failed(case, passage):
                fact = f"there is a row of this {_noun(kind)}, but the log does not tell of it, or tells its end"
                yield _at(instance, "log", fact, element_id, passage)


def variables_are_those_of_the_state(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """The projection that pages read is the root scope of the state."""
    for running in case.running.values():
        if running.execution is None:
            continue
        shown, kept = running.instance.variables, running.execution.variables
        differing = sorted(name for name in shown.keys() | kept.keys() if shown.get(name, case) != kept.get(name, case))
        if differing:
            yield _at(running.instance, "variables", f"the data shown differs from the state in {', '.join(differing)}")


def nothing_is_left_of_ended_instances(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """What has ended has no open task, own job, wait, incident or called process, and no state."""
    ended = {key: instance for key, instance in case.instances.items() if instance.has_ended}
    open_tasks = [task for task in case.tasks if task.status == "open"]
    own_jobs = [job for job in case.jobs if job.kind in OWN_WAITS]
    for noun, rows in (
        ("task", open_tasks),
        ("job", own_jobs),
        ("wait", case.subscriptions),
        ("incident", case.incidents),
    ):
        for row in rows:
            if row.instance_key in ended:
                yield _row(case, row, "ended", f"this {noun} is still open, but what it belongs to has ended")
    for instance in ended.values():
        if instance.state:
            yield _at(instance, "ended", "it has ended, but still has a state")


def the_chain_holds(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """No entry of the log was changed, taken out or put in."""
    if not case.verdict.holds:
        yield _of_root(case, "chain", f"entry {case.verdict.first_bad} of its log: {case.verdict.reason}")


def leases_are_within_their_limits(case: Case, now: dt.datetime) -> Iterator[Finding]:
    for job in case.jobs:
        yield from lease_is_within_its_limits(job, now, case.root.reference)


def lease_is_within_its_limits(job: Job, now: dt.datetime, reference: str = "") -> Iterator[Finding]:
    """A job whose taker is gone is taken again soon, and nobody holds one for ever."""
    if job.lease_until is None or job.status != "waiting":
        return
    if job.lease_until < now - LEASE_GRACE:
        fact = f"this job was taken until {job.lease_until:%Y-%m-%d %H:%M} UTC, not answered, and not taken again"
    elif job.lease_until > now + LONGEST_LEASE:
        fact = f"this job is held until {job.lease_until:%Y-%m-%d %H:%M} UTC, longer than anybody may"
    else:
        return
    yield Finding("lease", fact, reference, job.instance_key, job.element_id or None, job.key)


def calls_fit_together(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """A called process that runs is waited for by its caller, which runs as well, in the same case."""
    for instance in case.instances.values():
        if instance.parent_key is None:
            continue
        parent = case.instances.get(instance.parent_key)
        if parent is None:
            yield _at(instance, "call", "the process that called it is not there")
        elif not instance.has_ended and parent.has_ended:
            yield _at(instance, "call", "it runs, but the process that called it has ended")


def jobs_rest_with_their_case(case: Case, now: dt.datetime) -> Iterator[Finding]:
    """Jobs of a resting case rest, those of a running one do not; what is only on its way to a case never rests."""
    for job in case.jobs:
        instance = case.instances.get(job.instance_key or 0)
        if instance is None or instance.has_ended:
            continue
        if instance.status == "suspended" and job.status == "waiting" and job.kind in OWN_WAITS:
            yield _row(case, job, "rest", "this job can be taken, although its case rests")
        # A call waits for the process that it calls, which may rest although the case does not.
        if instance.status == "active" and job.status == "suspended" and job.kind != "call":
            yield _row(case, job, "rest", "this job rests, although its case does not")
    for instance in case.instances.values():
        if not instance.has_ended and not case.root.has_ended and instance.status != case.root.status:
            yield _at(instance, "rest", f"it is {instance.status}, but the case is {case.root.status}")


RULES_OF_CASES: tuple[Rule, ...] = (
    has_a_next_thing,
    tasks_are_completed_once,
    state_and_rows_agree,
    log_and_rows_agree,
    variables_are_those_of_the_state,
    nothing_is_left_of_ended_instances,
    the_chain_holds,
    leases_are_within_their_limits,
    calls_fit_together,
    jobs_rest_with_their_case,
)


def _open_rows(case: Case, instance_key: int) -> Open:
    """All rows of what an instance waits for."""
    rows: Open = {
        ("task", task.key): task.element_id
        for task in case.tasks
        if task.instance_key == instance_key and task.status == "open"
    }
    for job in case.jobs:
        if job.instance_key == instance_key and job.kind in (*OWN_WAITS, "call"):
            rows["service" if job.kind == "answer" else job.kind, job.key] = job.element_id
    for each in case.subscriptions:
        if each.instance_key == instance_key:
            rows[each.kind, each.key] = each.element_id
    for running in case.running.values():
        called = running.instance
        if called.parent_key == instance_key and called.parent_activity_key is not None:
            rows["call", called.parent_activity_key] = None
    return rows


def _is_failed(case: Case, passage: int) -> bool:
    """Whether it is a job that failed for good: the log has told its end, the row stays for a person to see."""
    return any(job.key == passage and job.status == "failed" for job in case.jobs)


def _noun(kind: str) -> str:
    return {"service": "call of a service", "call": "called process"}.get(kind, kind)


def _at(
    instance: ProcessInstance, rule: str, fact: str, element_id: str | None = None, key: int | None = None
) -> Finding:
    return Finding(rule, fact, instance.reference, instance.key, element_id, key)


def _of_root(case: Case, rule: str, fact: str, key: int | None = None) -> Finding:
    task = next((task for task in case.tasks if task.key == key), None)
    return Finding(rule, fact, case.root.reference, case.root.key, task.element_id if task else None, key)


def _row(case: Case, row: object, rule: str, fact: str) -> Finding:
    instance_key, element_id, key = (getattr(row, name) for name in ("instance_key", "element_id", "key"))
    return Finding(rule, fact, case.root.reference, instance_key, element_id or None, key)
