"""Tokens and scopes: SpiffWorkflow's tasks and workflows, cut down to what is still alive.

SpiffWorkflow keeps every task that ever ran and predicts those to come; here a token leaves the tree the moment it is
done and nothing is predicted. So a step costs the same in the first round and in the five-thousandth, and no depth
limit can be reached. What happened is told by events, not by the tree. The children of a living token are what belongs
to it: the boundary events that guard it, the instances of a loop, the events an event-based gateway waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn.elements import Node
from engine.events import ActivityCancelled, ElementEvent, Event

if TYPE_CHECKING:
    from engine.bpmn.case import Case
    from engine.bpmn.specs.base import ElementSpec, ScopeSpec

BEGIN, FINISH, LEAVE = 0, 1, 2
"""What a token still has to do at its element: everything; take over its result; only go on."""


class Token(Task):  # type: ignore[misc]
    """One place where a case stands: a passage through one element."""

    id: int
    workflow: Scope
    task_spec: ElementSpec
    data: dict[str, Any]
    """Variables local to this passage: input mappings, the item of a multi-instance."""
    internal_data: dict[str, Any]

    def __init__(
        self,
        scope: Scope,
        spec: ElementSpec,
        parent: Token | None,
        state: int = TaskState.FUTURE,
        token_id: int | None = None,
    ) -> None:
        super().__init__(scope, spec, parent, state, token_id or scope.case.next_id())
        self.taken: list[Any] = []
        if spec.keeps_scope_alive:
            scope.running += 1

    @property
    def key(self) -> int:
        """The activity key; given at the first time it is asked for."""
        if "key" not in self.internal_data:
            self.take_key(self.workflow.case.environment.new_key())
        return int(self.internal_data["key"])

    def take_key(self, key: int) -> None:
        """Be known by this key from now on."""
        self.internal_data["key"] = key
        self.workflow.case.by_key[key] = self

    @property
    def has_key(self) -> bool:
        return "key" in self.internal_data

    @property
    def phase(self) -> int:
        return int(self.internal_data.get("phase", BEGIN))

    @phase.setter
    def phase(self, phase: int) -> None:
        self.internal_data["phase"] = phase

    @property
    def node(self) -> Node:
        return self.task_spec.node

    @property
    def offspring(self) -> list[Token]:
        """The tokens that belong to this one; for Spiff's `children`, typed."""
        tasks = self.workflow.tasks
        return [tasks[child] for child in self._children]

    @property
    def holder(self) -> Token | None:
        """The token that this one belongs to: the activity it guards, the loop it is an instance of."""
        parent = self.workflow.tasks.get(self._parent)
        return None if parent is self.workflow.task_tree else parent

    @property
    def loop(self) -> Token | None:
        """The loop that this is an instance of."""
        holder = self.holder
        return holder if holder and holder.task_spec.is_loop else None

    @property
    def has_failed(self) -> bool:
        """Whether it waits for a person who helps."""
        return bool(self._state == TaskState.ERROR)

    @property
    def is_running(self) -> bool:
        """Whether it is still part of its scope."""
        return self.id in self.workflow.tasks

    @property
    def is_awaited(self) -> bool:
        """Whether something from outside can move it: work done, a message, a time, or help with a failure."""
        if self.has_failed:
            return True
        spec = self.task_spec
        waits = self._state in (TaskState.STARTED, TaskState.WAITING)
        return waits and (spec.completes or spec.delivers or spec.triggers)

    def record(self, event: type[ElementEvent], **fields: Any) -> None:
        """Tell an event of this passage."""
        node = self.task_spec.node
        self.workflow.case.events.append(
            event(element_id=node.id, activity_key=self.key, kind=node.kind, label=node.name, **fields)
        )

    def tell(self, event: Callable[..., Event], **fields: Any) -> None:
        """Tell an event of this passage that leaves out what kind of element it is."""
        self.workflow.case.events.append(event(element_id=self.task_spec.node.id, activity_key=self.key, **fields))

    def result(self, variables: dict[str, Any]) -> None:
        """Make it ready to take over what an activity or event brought."""
        self.internal_data["result"] = variables
        self.phase = FINISH
        self._set_state(TaskState.READY)

    def stop(self, cause: str | None) -> None:
        """Take it out of the case before its time, with all that belongs to it."""
        has_failed = self.has_failed
        self.task_spec.stop(self, cause)
        if has_failed and not self.task_spec.is_activity:
            self.record(ActivityCancelled, cause=cause)
        self._set_state(TaskState.CANCELLED)
        self.workflow.forget(self)

    def _add_child(self, task_spec: ElementSpec, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value


class Scope(Workflow):  # type: ignore[misc]
    """One passage through a process or sub-process: its variables and its tokens."""

    spec: ScopeSpec
    data: dict[str, Any]
    """The variables of the process or sub-process."""
    tasks: dict[int, Token]
    task_tree: Token

    def __init__(self, spec: ScopeSpec, case: Case, holder: Token | None) -> None:
        super().__init__(spec, deserializing=True)
        self.case = case
        self.holder = holder
        """The token of the sub-process in the scope around it; none for the process."""
        self.interrupted = False
        """Whether an event sub-process has stopped everything else here; nothing else can start one then."""
        self.joins: dict[str, dict[int, Token]] = {}
        """Tokens that wait at a gateway for others, by gateway."""
        self.undo: list[dict[str, Any]] = []
        """What was done here and can be undone; see `specs.compensation`."""
        self.running = 0
        """How many tokens keep it from being complete."""
        root_id = -1 - (holder.id if holder else 0)
        self.task_tree = Token(self, spec.start, None, TaskState.COMPLETED, root_id)
        self.task_tree._set_state(TaskState.COMPLETED)

    @property
    def living(self) -> Iterator[Token]:
        """All tokens, in the order they came."""
        root = self.task_tree
        return (token for token in list(self.tasks.values()) if token is not root)

    def put(self, spec: ElementSpec, parent: Token | None = None) -> Token:
        """A new token at an element."""
        return Token(self, spec, parent or self.task_tree)

    def adopt(self, token: Token) -> None:
        """Part a token from the one it belonged to."""
        parent = self.tasks[token._parent]
        parent._children.remove(token.id)
        token._parent = self.task_tree.id
        self.task_tree._children.append(token.id)

    def forget(self, token: Token) -> None:
        """Cut a finished token out of the tree; what follows it hangs on the root."""
        root = self.task_tree
        for child in token._children:
            self.tasks[child]._parent = root.id
        root._children.extend(token._children)
        self.tasks[token._parent]._children.remove(token.id)
        del self.tasks[token.id]
        if token.task_spec.keeps_scope_alive:
            self.running -= 1
        if token.task_spec.is_join:
            self.leave_join(token)
        self.case.forget(token)

    def wait_at_join(self, token: Token) -> None:
        self.joins.setdefault(token.task_spec.name, {})[token.id] = token

    def leave_join(self, token: Token) -> None:
        waiting = self.joins.get(token.task_spec.name, {})
        waiting.pop(token.id, None)
        if not waiting:
            self.joins.pop(token.task_spec.name, None)

    def waits_at_join(self, token: Token) -> bool:
        return token.id in self.joins.get(token.task_spec.name, {})

    def _task_completed_notify(self, task: Token) -> None:
        self.forget(task)
        if self.running == 0:
            self.case.close_if_empty(self)
        elif self.holder is not None:
            self.holder.task_spec.inner_moved(self.holder)
