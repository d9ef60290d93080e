"""The interpreter's public face: a process instance that takes stimuli and tells what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import migration, moving
from engine.bpmn import state as codec
from engine.bpmn.case import Case, Environment
from engine.bpmn.catching import find_catcher
from engine.bpmn.compiler import CompiledProcess
from engine.bpmn.migration import Migrated, Plan
from engine.bpmn.moving import Moves, Place
from engine.bpmn.scopes import assign, containers, set_local, visible
from engine.bpmn.scripting import Failure
from engine.bpmn.specs.activities import ActivitySpec
from engine.bpmn.tokens import Scope, Token
from engine.errors import NotFound, Refused
from engine.events import ActivityRetried, Event

UNCAUGHT = "Nothing in this process takes care of the error '{code}': {message}"


@dataclass(frozen=True)
class Awaited:
    """Something that a case waits for."""

    activity_key: int
    element_id: str
    kind: str
    """task, service, call, timer, message or signal."""


class Execution:
    """A process instance between two stimuli. Every stimulus runs it on to its next waits and returns the events."""

    def __init__(self, case: Case) -> None:
        self._case = case

    # -- making and keeping -------------------------------------------------------------------------------------

    @classmethod
    def start(
        cls,
        process: CompiledProcess,
        variables: Mapping[str, Any],
        environment: Environment,
        start_element_id: str | None = None,
    ) -> tuple[Execution, list[Event]]:
        """Start a process with variables, at its plain start event or at the one named."""
        case = Case(process, environment)
        case.root.data = dict(variables)
        if start_element_id is None:
            case.enter(case.root)
        else:
            spec, memory = process.entry(start_element_id)
            first = case.root.put(spec)
            first.internal_data.update(memory)
            first._ready()
            case.schedule_arms(case.root)
        case.close_if_empty(case.root)
        execution = cls(case)
        return execution, execution._run()

    @classmethod
    def load(cls, process: CompiledProcess, state: bytes, environment: Environment) -> Execution:
        """The instance of a state that `dump` made. Raises Invalid when the state does not fit the process."""
        return cls(codec.load(process, state, environment))

    def dump(self) -> bytes:
        """The state: what is alive, and nothing of what is done."""
        return codec.dump(self._case)

    def go_on(self, environment: Environment) -> None:
        """Let it live on in another environment, such as a later time, without being kept and read again."""
        self._case.environment = environment

    # -- looking ------------------------------------------------------------------------------------------------

    @property
    def is_completed(self) -> bool:
        """Whether an end was reached and nothing is left to be done."""
        return self._case.root.completed and not self._case.is_cancelled

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the process itself."""
        return dict(self._case.root.data)

    def variables_at(self, activity_key: int) -> dict[str, Any]:
        """All variables that can be seen at an activity, after its input mapping."""
        token = self._token(activity_key, "look at")
        return dict(token.task_spec.view(token) if token.task_spec.is_activity else visible(token))

    def waits(self) -> dict[int, str]:
        """What waits for something from outside: activity key → element id."""
        return {token.key: token.node.id for token in self._case.tokens if token.is_awaited and not token.has_failed}

    def awaited(self) -> list[Awaited]:
        """What waits for something from outside, and for what."""
        return [
            Awaited(token.key, token.node.id, _awaited_kind(token))
            for token in self._case.tokens
            if token.is_awaited and not token.has_failed
        ]

    @property
    def watches(self) -> bool:
        """Whether anything waits for a condition, which other data of the case may make true."""
        return bool(self._case.watched)

    def failures(self) -> dict[int, str]:
        """What failed and waits for help: activity key → element id."""
        return {token.key: token.node.id for token in self._case.tokens if token.has_failed}

    def places(self) -> list[Place]:
        """Where the case stands: what can be stopped by itself."""
        return list(moving.places(self._case))

    def catches(self, activity_key: int, code: str) -> bool:
        """Whether anything here would take this error, if it came up in an activity."""
        return find_catcher(self._activity(activity_key, "look at"), "error", code) is not None

    # -- stimuli ------------------------------------------------------------------------------------------------

    def complete(self, activity_key: int, variables: Mapping[str, Any]) -> list[Event]:
        """A user task, a service or a called process is done and brings variables."""
        token = self._waiting(activity_key, "complete", lambda spec: spec.completes)
        token.task_spec.catch(token, dict(variables))
        return self._run()

    def trigger(self, activity_key: int) -> list[Event]:
        """A timer is due."""
        token = self._waiting(activity_key, "trigger", lambda spec: spec.triggers)
        token.task_spec.catch(token, {})
        return self._run()

    def deliver(self, activity_key: int, variables: Mapping[str, Any]) -> list[Event]:
        """A message or signal arrived for exactly this wait."""
        token = self._waiting(activity_key, "deliver to", lambda spec: spec.delivers)
        token.task_spec.catch(token, dict(variables))
        return self._run()

    def throw_error(self, activity_key: int, code: str, message: str, variables: Mapping[str, Any]) -> list[Event]:
        """A modelled error came up in an activity."""
        token = self._activity(activity_key, "throw an error in")
        if not self._case.throw_error(token, code, dict(variables)):
            self._case.fail(token, Failure(UNCAUGHT, code=code, message=message))
        return self._run()

    def escalate(self, activity_key: int, code: str, variables: Mapping[str, Any]) -> list[Event]:
        """A modelled escalation came up in an activity, which goes on unless something interrupts it."""
        token = self._activity(activity_key, "escalate")
        self._case.escalate(token, code, dict(variables))
        return self._run()

    def fail(self, activity_key: int, template: str, values: Mapping[str, Any]) -> list[Event]:
        """An activity cannot go on for a technical reason."""
        token = self._token(activity_key, "fail")
        self._case.fail(token, Failure(template, **values))
        return self._run()

    def retry(self, activity_key: int, variables: Mapping[str, Any]) -> list[Event]:
        """Run what failed again, with corrected variables."""
        token = self._token(activity_key, "retry")
        if not token.has_failed:
            raise Refused("Expected to retry '{element}', but it has not failed.", element=token.node.label)
        token.record(ActivityRetried)
        assign(token, variables, containers(token))
        token.task_spec.renew_inputs(token, variables)
        self._case.retry(token)
        return self._run()

    def set_variables(self, variables: Mapping[str, Any], scope_id: str | None = None) -> list[Event]:
        """Change variables of the process, or of a running sub-process."""
        scope = self._scope(scope_id)
        set_local(scope, variables, scope.spec.name, scope.holder.key if scope.holder else 0)
        return self._run()

    def move(self, moves: Moves, variables: Mapping[str, Any]) -> list[Event]:
        """Stop passages and begin others. Raises Refused or NotFound; the execution is then of no use any more."""
        if variables:
            set_local(self._case.root, variables, self._case.process.id, 0)
        moving.move(self._case, moves)
        return self._run()

    @classmethod
    def migrate(
        cls, old: CompiledProcess, new: CompiledProcess, state: bytes, environment: Environment, plan: Plan
    ) -> tuple[Execution, Migrated]:
        """Take the instance of a state to another version. Raises Refused, with a problem for each place."""
        migrated = migration.migrate(old, new, state, environment, plan)
        return cls(migrated.case), migrated

    def cancel(self) -> list[Event]:
        """End it before its time."""
        self._case.is_cancelled = True
        for token in self._case.root.living:
            if token.is_running:
                token.stop(None)
        self._case.root.completed = True
        return self._run()

    # -- inside -------------------------------------------------------------------------------------------------

    def _run(self) -> list[Event]:
        self._case.do_engine_steps()
        events, self._case.events = self._case.events, []
        return events

    def _scope(self, scope_id: str | None) -> Scope:
        scopes = [self._case.root, *self._case.scopes.values()]
        for scope in scopes:
            if scope_id is None or scope.spec.name == scope_id:
                return scope
        raise NotFound("Expected to set variables of '{scope}', but it is not running.", scope=scope_id)

    def _token(self, activity_key: int, verb: str) -> Token:
        token = self._case.by_key.get(activity_key)
        if token is None:
            raise NotFound(
                "Expected to {verb} activity '{key}', but the case is not there any more.", verb=verb, key=activity_key
            )
        return token

    def _waiting(self, activity_key: int, verb: str, fits: Callable[[Any], bool]) -> Token:
        token = self._token(activity_key, verb)
        if not token.is_awaited or token.has_failed or not fits(token.task_spec):
            raise Refused(
                "Expected to {verb} '{element}', but it does not wait for that.", verb=verb, element=token.node.label
            )
        return token

    def _activity(self, activity_key: int, verb: str) -> Token:
        token = self._token(activity_key, verb)
        if not isinstance(token.task_spec, ActivitySpec):
            raise Refused("Expected to {verb} '{element}', but it is no activity.", verb=verb, element=token.node.label)
        return token


def _awaited_kind(token: Token) -> str:
    spec: Any = token.task_spec
    if spec.triggers or spec.delivers:
        return str(spec.wait.trigger)
    if token.node.call is not None:
        return "call"
    return "service" if token.node.service is not None else "task"
