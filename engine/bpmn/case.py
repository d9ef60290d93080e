"""One running process instance in memory: its scopes and tokens, what has to move, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.catching import find_catcher
from engine.bpmn.elements import Reference
from engine.bpmn.scopes import visible
from engine.bpmn.scripting import Failure
from engine.bpmn.specs.base import ScopeSpec
from engine.bpmn.specs.gateways import NEVER_COMES
from engine.bpmn.tokens import Scope, Token
from engine.events import ActivityFailed, ErrorThrown, EscalationThrown, Event, VariablesChanged

if TYPE_CHECKING:
    from engine.bpmn.compiler import CompiledProcess
    from engine.dmn import DecisionResult

STEP_LIMIT = 10_000
"""Elements that one stimulus may run through; more is taken to be a loop without end."""
ENDLESS = "More than {limit} steps were made without anybody having to do anything: the process runs in circles here."


@dataclass(frozen=True)
class Decided:
    """What a decision said, and in which version."""

    version: int
    result: DecisionResult


@dataclass(frozen=True)
class Environment:
    """What a case cannot know by itself: the time, fresh keys, and the decisions that are in force."""

    now: dt.datetime
    new_key: Callable[[], int]
    decide: Callable[[Reference, dict[str, Any]], Decided]


class Case:
    """A process instance in memory; `Execution` is its public face."""

    def __init__(self, process: CompiledProcess, environment: Environment) -> None:
        self.process = process
        self.environment = environment
        self.events: list[Event] = []
        self.scopes: dict[int, Scope] = {}
        """Of the sub-processes that run, by the id of the token that holds each."""
        self.by_key: dict[int, Token] = {}
        self.watched: dict[int, Token] = {}
        """Tokens that wait for a condition."""
        self.is_cancelled = False
        self.last_id = 0
        self._agenda: list[Token] = []
        self._fresh: list[Token] = []
        self._variables_changed = False
        self._became_true: list[Token] = []
        self.root = Scope(process.root, self, None)

    # -- tokens and scopes --------------------------------------------------------------------------------------

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    @property
    def tokens(self) -> Iterator[Token]:
        """All living tokens, in all scopes."""
        for scope in (self.root, *self.scopes.values()):
            yield from scope.living

    def forget(self, token: Token) -> None:
        """A token has left its scope."""
        if token.has_key:
            self.by_key.pop(token.key, None)
        self.watched.pop(token.id, None)

    def open(self, spec: ScopeSpec, holder: Token) -> Scope:
        """Begin a passage through a sub-process."""
        scope = self.scopes[holder.id] = Scope(spec, self, holder)
        return scope

    def enter(self, scope: Scope) -> None:
        """Put tokens where a process or sub-process starts."""
        for entry in scope.spec.entries:
            scope.put(entry)._ready()
        self.schedule_arms(scope)

    def schedule_arms(self, scope: Scope) -> None:
        """Let the event sub-processes of a scope wait for their events."""
        for arm in scope.spec.arms:
            scope.put(arm)._ready()

    def close_if_empty(self, scope: Scope) -> None:
        if scope.running or scope.completed:
            return
        if scope.holder is None or scope.holder.task_spec.inner_empty(scope.holder):
            self.close(scope)

    def close(self, scope: Scope) -> None:
        """Nothing in a scope is left to be done."""
        scope.completed = True
        for arm in scope.living:
            if arm.is_running:
                arm.stop(None)
        if scope.holder is not None:
            scope.holder.task_spec.inner_done(scope.holder)

    # -- moving -------------------------------------------------------------------------------------------------

    def schedule(self, token: Token) -> None:
        """A token can move; it does so when its turn comes."""
        token._set_state(TaskState.READY)
        self._fresh.append(token)

    def retry(self, token: Token) -> None:
        """Let a failed token try again, after all others that can move."""
        if token.workflow.waits_at_join(token) or token.id in self.watched:
            token._set_state(TaskState.WAITING)
            self._variables_changed = True
        else:
            token._set_state(TaskState.READY)
            self._agenda.insert(0, token)

    def run_now(self, token: Token) -> None:
        """Let a token move at once."""
        try:
            token.run()
        except Failure as failure:
            self.fail(token, failure)

    def do_engine_steps(self) -> None:
        """Let everything move until all that is left waits: one branch as far as it goes, then the next."""
        steps = 0
        while True:
            token = self._becoming_true() or self._next()
            if token is None:
                if self._settle_joins():
                    continue
                return
            if steps >= STEP_LIMIT:
                self._stop_circling(token)
                return
            steps += 1
            if self.watched.pop(token.id, None):
                token.task_spec.catch(token, {})
            else:
                self.run_now(token)

    def _next(self) -> Token | None:
        """The token whose turn it is to move."""
        self._agenda.extend(reversed(self._fresh))
        self._fresh.clear()
        while self._agenda:
            token = self._agenda.pop()
            if token.state == TaskState.READY and token.is_running:
                return token
        return None

    def fail(self, token: Token, failure: Failure) -> None:
        """A token cannot go on until a person helps."""
        token.error()
        token.record(ActivityFailed, template=failure.template, values=failure.values)

    def _settle_joins(self) -> bool:
        """Let joins go on for which nothing else can come; tell those that would wait in vain."""
        groups = [
            (scope, scope.spec.task_specs[name])
            for scope in (self.root, *self.scopes.values())
            for name in list(scope.joins)
        ]
        for scope, spec in groups:
            if spec.fire_if_possible(scope):
                return True
        if groups:
            self._tell_stuck_joins(groups)
        return False

    def _tell_stuck_joins(self, groups: list[tuple[Scope, Any]]) -> None:
        nobody_helps = not self.watched and not any(token.is_awaited for token in self.tokens)
        for scope, spec in groups:
            flow = spec.never_comes(scope) or (spec.first_missing(scope) if nobody_helps else None)
            waiting = list(scope.joins[spec.name].values())
            if flow and not any(token.has_failed for token in waiting):
                source = self.process.node(self.process.flow(flow).source)
                self.fail(waiting[0], Failure(NEVER_COMES, source=source.label))

    # -- variables ----------------------------------------------------------------------------------------------

    def variables_changed(self, event: VariablesChanged) -> None:
        """Variables have new values."""
        self.events.append(event)
        self._variables_changed = True

    def look_again(self) -> None:
        """Look at all conditions that are waited for, although no variable has changed."""
        self._variables_changed = True

    def watch(self, token: Token) -> None:
        """A token waits for a condition."""
        self.watched[token.id] = token
        self._variables_changed = True

    def _becoming_true(self) -> Token | None:
        """A token whose condition has become true, now that variables changed."""
        if self._variables_changed:
            self._variables_changed = False
            for token in [token for token in self.watched.values() if not token.has_failed]:
                try:
                    if token.task_spec.wait.becomes_true(token.internal_data, visible(token), self.environment.now):
                        self._became_true.append(token)
                except Failure as failure:
                    self.fail(token, failure)
        while self._became_true:
            token = self._became_true.pop(0)
            if token.is_running:
                return token
        return None

    def _stop_circling(self, token: Token) -> None:
        """Leave things as they are: the token fails, and what else could move does so after the next stimulus."""
        for late in (token, *self._became_true):
            if late.id in self.watched:
                late.internal_data["was"] = False
        self._became_true.clear()
        self.fail(token, Failure(ENDLESS, limit=STEP_LIMIT))

    # -- errors and escalations ---------------------------------------------------------------------------------

    def throw_error(self, token: Token, code: str, variables: dict[str, Any]) -> bool:
        """Raise a modelled error at a token; whether anything takes it."""
        catcher = find_catcher(token, "error", code)
        token.record(ErrorThrown, code=code, caught_by=catcher.element_id if catcher else None)
        if catcher is not None:
            catcher.take(variables, code)
        return catcher is not None

    def escalate(self, token: Token, code: str, variables: dict[str, Any]) -> None:
        """Raise a modelled escalation at a token; when nothing takes it, the case goes on all the same."""
        catcher = find_catcher(token, "escalation", code)
        token.record(EscalationThrown, code=code, caught_by=catcher.element_id if catcher else None)
        if catcher is not None:
            catcher.take(variables, code)
