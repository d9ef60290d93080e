"""Embedded sub-processes, and event sub-processes with the events that start them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.elements import Node
from engine.bpmn.scopes import assign, beyond, containers, set_local, visible, visible_in
from engine.bpmn.scripting import Failure, Variables, attribute
from engine.bpmn.specs.activities import ActivitySpec
from engine.bpmn.specs.base import ElementSpec, ScopeSpec, Taken
from engine.bpmn.specs.compensation import remember_inside, undo_beside
from engine.bpmn.specs.events import StartSpec
from engine.bpmn.specs.waits import Wait
from engine.bpmn.tokens import Scope, Token
from engine.events import EventOccurred, EventWithdrawn


class SubProcessSpec(ActivitySpec):
    """An activity that is a small process of its own, with its own variables."""

    def __init__(self, scope: ScopeSpec, node: Node, inner: ScopeSpec, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.inner = inner

    def perform(self, token: Token) -> dict[str, Any] | None:
        case = token.workflow.case
        if token.id in case.scopes:
            return None
        scope = case.open(self.inner, token)
        if "undo" in token.internal_data:
            self._undo(token, scope)
            return None
        if token.data or self.node.local_variables:
            local, token.data = dict.fromkeys(self.node.local_variables) | token.data, {}
            set_local(scope, local, self.node.id, token.key)
        if token.internal_data.pop("entered", False):
            case.schedule_arms(scope)  # somebody else says where it begins
            return None
        self.enter(token)
        case.close_if_empty(scope)
        return {} if scope.completed else None

    def renew_inputs(self, token: Token, corrected: Iterable[str]) -> None:
        """Inside, the variables are those of the sub-process: what already runs there keeps them."""
        if token.id not in token.workflow.case.scopes:
            super().renew_inputs(token, corrected)

    def _undo(self, token: Token, scope: Scope) -> None:
        """Undo what was done here when the sub-process ran, with the variables it had then."""
        scope.data, left = token.internal_data["undo"]
        if self.undone_by is None:
            undo_beside(scope, left)
        else:
            scope.undo = left
            self.undone_by.occur(scope, "compensation", {}, None)

    @property
    def undone_by(self) -> EventSubProcessSpec | None:
        """The event sub-process inside that undoes it, in place of what undoes its activities one by one."""
        for spec in self.inner.event_subprocesses:
            if spec.trigger == "compensation":
                return spec
        return None

    def guard(self, token: Token) -> None:
        if "undo" not in token.internal_data:
            super().guard(token)

    def choose(self, token: Token) -> list[Taken]:
        return [] if "undo" in token.internal_data else super().choose(token)

    def enter(self, token: Token) -> None:
        """Start what the sub-process starts with."""
        case = token.workflow.case
        case.enter(case.scopes[token.id])

    def inner_done(self, token: Token) -> None:
        """Nothing inside is left to be done."""
        token.result({})
        token.workflow.case.schedule(token)

    def view(self, token: Token) -> Variables:
        scope = token.workflow.case.scopes.get(token.id)
        return visible_in(scope) if scope else visible(token)

    def take_over(self, token: Token, result: dict[str, Any]) -> None:
        if not self.outputs_mapping or "undo" in token.internal_data:
            return
        scope = token.workflow.case.scopes[token.id]
        made = self.outputs_mapping.apply(token, visible_in(scope))
        assign(token, made, containers(scope.task_tree) if token.loop else beyond(token))

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        super().finish(token, result)
        scope = token.workflow.case.scopes.pop(token.id)
        has_own = any(boundary.event.trigger == "compensation" for boundary in self.boundaries)
        if not has_own and "undo" not in token.internal_data:
            remember_inside(token, scope, always=self.undone_by is not None)

    def stop(self, token: Token, cause: str | None) -> None:
        scope = token.workflow.case.scopes.pop(token.id, None)
        if scope is not None:
            for inner in scope.living:
                if inner.is_running:
                    inner.stop(cause)
        super().stop(token, cause)


class AdHocSpec(SubProcessSpec):
    """A sub-process whose activities start in no order that flows say, until its condition says that it is enough.

    All start at once or, if so marked, one after another in the order of the file. When it is enough, nothing more
    begins; what runs is stopped or, if so marked, finishes.
    """

    def __init__(self, scope: ScopeSpec, node: Node, inner: ScopeSpec, name: str | None = None) -> None:
        super().__init__(scope, node, inner, name)
        self._enough = attribute(node.ad_hoc_completion, "completion condition")

    def perform(self, token: Token) -> dict[str, Any] | None:
        case = token.workflow.case
        was_open = token.id in case.scopes
        result = super().perform(token)
        if not was_open or "undo" in token.internal_data:
            return result
        # A second try, after the condition failed.
        scope = case.scopes[token.id]
        if self._is_enough(token, scope):
            self._finish(token, scope)
        case.close_if_empty(scope)
        return {} if scope.completed else None

    def enter(self, token: Token) -> None:
        if self.node.in_turn:
            self._begin_next(token)
            token.workflow.case.schedule_arms(token.workflow.case.scopes[token.id])
        else:
            super().enter(token)

    def _begin_next(self, token: Token) -> bool:
        """Begin the next activity in turn; whether there was one."""
        done = token.internal_data.get("begun", 0)
        if done >= len(self.inner.entries):
            return False
        token.internal_data["begun"] = done + 1
        token.workflow.case.scopes[token.id].put(self.inner.entries[done])._ready()
        return True

    def inner_moved(self, token: Token) -> None:
        scope = token.workflow.case.scopes[token.id]
        try:
            if not scope.completed and self._is_enough(token, scope):
                self._finish(token, scope)
        except Failure as failure:
            token.workflow.case.fail(token, failure)

    def inner_empty(self, token: Token) -> bool:
        scope = token.workflow.case.scopes[token.id]
        if scope.interrupted or not self.node.in_turn or "undo" in token.internal_data:
            return True
        try:
            return self._is_enough(token, scope) or not self._begin_next(token)
        except Failure as failure:
            token.workflow.case.fail(token, failure)
            return False

    def _is_enough(self, token: Token, scope: Scope) -> bool:
        if self._enough is None or scope.interrupted:
            return False
        memory = token.internal_data
        if not memory.get("enough") and self._enough.is_true(visible_in(scope), scope.case.environment.now):
            memory["enough"] = True
        return bool(memory.get("enough"))

    def _finish(self, token: Token, scope: Scope) -> None:
        """It is enough: stop what runs or, if that is to finish, what has not begun."""
        for other in scope.living:
            if other.is_running and (self.node.cancels_remaining or not _is_at_work(other)):
                other.stop(self.node.id)
        if scope.running == 0:
            scope.case.close(scope)


def _is_at_work(token: Token) -> bool:
    """Whether an activity has begun, or a token belongs to one that has; event sub-processes count too."""
    holder = token.holder
    if holder is not None:
        return _is_at_work(holder)
    spec = token.task_spec
    return (spec.is_activity or spec.is_loop) and ("ready" in token.internal_data or token.has_failed)


class EventSubProcessSpec(SubProcessSpec):
    """A sub-process that an event starts while the process around it runs."""

    def __init__(self, scope: ScopeSpec, node: Node, inner: ScopeSpec, start: StartSpec) -> None:
        super().__init__(scope, node, inner)
        self.start_event = start

    @property
    def is_interrupting(self) -> bool:
        return self.start_event.node.is_interrupting

    @property
    def trigger(self) -> str:
        event = self.start_event.node.event
        return event.trigger if event else "none"

    def occur(
        self, around: Scope, trigger: str, variables: dict[str, Any], name: str | None, key: int | None = None
    ) -> None:
        """Its event happened, known by the key if it was waited for: run it, and perhaps stop all else around it."""
        token = around.put(self)
        token.internal_data["event"] = [trigger, name, variables, key]
        token._set_state(TaskState.READY)
        around.case.run_now(token)

    def enter(self, token: Token) -> None:
        trigger, name, variables, key = token.internal_data.pop("event")
        inner = token.workflow.case.scopes[token.id]
        first = inner.put(self.start_event)
        if key is not None:
            first.take_key(key)
        first.record(EventOccurred, trigger=trigger, event_name=name, variables=variables)
        if self.is_interrupting:
            self._interrupt(token)
        first.result(variables)
        inner.case.schedule(first)
        inner.case.schedule_arms(inner)

    def _interrupt(self, token: Token) -> None:
        scope = token.workflow
        scope.interrupted = True
        for other in scope.living:
            if other is not token and other.is_running:
                other.stop(self.start_event.node.id)


class ArmSpec(ElementSpec):
    """The start event of an event sub-process while it waits, in the scope around that."""

    keeps_scope_alive = False

    def __init__(self, scope: ScopeSpec, node: Node, started: EventSubProcessSpec, name: str) -> None:
        super().__init__(scope, node, name)
        self.started = started


class WaitingArmSpec(ArmSpec):
    """Such a start event that waits for one thing."""

    def __init__(self, scope: ScopeSpec, node: Node, started: EventSubProcessSpec, wait: Wait, name: str) -> None:
        super().__init__(scope, node, started, name)
        self.wait = wait
        self.delivers = wait.trigger in ("message", "signal")
        self.triggers = wait.trigger == "timer"

    def begin(self, token: Token) -> dict[str, Any] | None:
        variables, now = visible(token), token.workflow.case.environment.now
        self.wait.arm(variables, now).put_into(token)
        return None

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        scope = token.workflow
        name = self.wait.name_of(token.internal_data)
        again = None
        if not self.started.is_interrupting:
            again = self.wait.rearm(token.internal_data, scope.case.environment.now)
        key = token.key
        scope.forget(token)
        if again is not None:
            following = scope.put(self)
            again.put_into(following)
            following._set_state(TaskState.STARTED)
        self.started.occur(scope, self.wait.trigger, variables, name, key)

    def stop(self, token: Token, cause: str | None) -> None:
        if token.has_key and not token.has_failed and self.wait.trigger != "conditional":
            token.record(EventWithdrawn)
