"""Compensation: what is done is undone by the activities drawn for it, the last first.

A scope remembers the activities it completed that can be undone. Who throws compensation takes those memories over and
holds one token for the activity that is being undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.elements import Node
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.tokens import Scope, Token
from engine.events import EventOccurred

if TYPE_CHECKING:
    from engine.bpmn.specs.activities import ActivitySpec

UNDO = " undo"
"""Name of the spec that undoes a completed sub-process; the blank keeps it apart from every id of a diagram."""

Memory = dict[str, Any]
"""One activity that can be undone: {"activity": id, "by": handler} or {"activity": id, "spec", "data", "undo": […]}.

`up` tells how many levels further out it was done, when an event sub-process undoes what was done around it.
"""


def remember(token: Token, spec: ActivitySpec) -> None:
    """Note that an activity was completed and can be undone."""
    for boundary in spec.boundaries:
        if boundary.event.trigger == "compensation" and boundary.node.compensated_by:
            memory = {"activity": spec.node.id, "event": boundary.node.id, "by": boundary.node.compensated_by}
            token.workflow.undo.append(memory)


def remember_inside(token: Token, inside: Scope, always: bool) -> None:
    """Note that a sub-process was completed in which something can be undone, or that can always be undone."""
    if inside.undo or always:
        spec = token.task_spec
        memory = {"activity": spec.node.id, "spec": spec.name, "data": inside.data, "undo": inside.undo}
        token.workflow.undo.append(memory)


def take(scope: Scope, activity: str | None) -> list[Memory]:
    """What is to be undone, the last last: in the scope and, for event sub-processes, in those around it."""
    taken: list[Memory] = []
    current: Scope | None = scope
    level = 0
    while current is not None:
        mine = [memory for memory in current.undo if activity in (None, memory["activity"])]
        current.undo = [memory for memory in current.undo if memory not in mine]
        taken = [{**memory, "up": level} if level else memory for memory in mine] + taken
        level += 1
        holder = current.holder
        current = holder.workflow if holder and holder.node.is_event_subprocess else None
    return taken


def undo_beside(scope: Scope, left: list[Memory], waiting: Token | None = None) -> None:
    """Let something be undone by a token of its own; somebody may wait for that."""
    undoing = scope.put(scope.spec.task_specs[UNDO])
    undoing.internal_data["undo"] = left
    if waiting is not None:
        undoing.internal_data["for"] = waiting.id
    undoing._ready()


class UndoSpec(ElementSpec):
    """Something that undoes activities one by one and goes on when all are undone."""

    def begin(self, token: Token) -> dict[str, Any] | None:
        return None if self.undo_next(token) else {}

    def undo_next(self, token: Token) -> bool:
        """Start to undo the latest activity that is left; whether there was one."""
        left: list[Memory] = token.internal_data.get("undo", [])
        if not left:
            return False
        memory = left.pop()
        scope = token.workflow
        if "up" in memory:
            self._undo_further_out(token, memory)
            return True
        if "by" in memory:
            self._tell_undoing(scope, scope.case.process.node(memory["event"]))
            child = token._add_child(scope.spec.task_specs[memory["by"]])
        else:
            child = token._add_child(scope.spec.task_specs[memory["spec"]])
            child.internal_data["undo"] = [memory["data"], memory["undo"]]
        child._ready()
        return True

    @staticmethod
    def _undo_further_out(token: Token, memory: Memory) -> None:
        """Let it be undone where it was done, and wait for that."""
        scope = token.workflow
        for _ in range(memory["up"]):
            assert scope.holder is not None
            scope = scope.holder.workflow
        here = {name: value for name, value in memory.items() if name != "up"}
        undo_beside(scope, [here], token)

    @staticmethod
    def _tell_undoing(scope: Scope, event: Node) -> None:
        case = scope.case
        key = case.environment.new_key()
        case.events.append(EventOccurred(event.id, key, event.kind, event.name, trigger="compensation"))

    def instance_done(self, token: Token, instance: Token) -> None:
        """An activity is undone: go on with the one before."""
        if not self.undo_next(token):
            token.result({})
            token.workflow.case.schedule(token)

    def stop(self, token: Token, cause: str | None) -> None:
        further_out = [other for other in token.workflow.case.tokens if other.internal_data.get("for") == token.id]
        for child in (*token.offspring, *further_out):
            if child.is_running:
                child.stop(cause)


class UndoScopeSpec(UndoSpec):
    """Undoes what a completed sub-process had done, or what was done around an event sub-process."""

    def __init__(self, scope: ScopeSpec) -> None:
        super().__init__(scope, Node(id=UNDO, kind="undo"), UNDO)

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        waiting = token.internal_data.get("for")
        other = next((each for each in token.workflow.case.tokens if each.id == waiting), None)
        if other is not None:
            other.task_spec.instance_done(other, token)
