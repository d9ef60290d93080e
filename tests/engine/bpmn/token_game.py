"""A plain token game, written from the text of BPMN 2.0 for tests alone: an oracle for the interpreter's control flow.

It shares no code with the interpreter, not even the reading of the XML. Tokens move one branch as far as it goes,
then the next, in the order of the file. It plays what the random diagrams have: gateways, loops, events, sub-processes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.engine.bpmn.charts import ACTIVITIES, Chart, Element

_WAITING = ("userTask", "receiveTask", "callActivity")
_AWAITED = ("timer", "message", "signal")

Decisions = dict[str, int]


@dataclass(eq=False)
class Done:
    """Something completed that can be undone: an activity, or a sub-process with what was done in it."""

    element: Element
    inside: list[Done] | None = None


class Scope:
    """One passage through a process or sub-process."""

    def __init__(self, id: str, owner: Item | None) -> None:
        self.id, self.owner = id, owner
        self.items: list[Item] = []
        self.arms: dict[tuple[Element, Element], int] = {}
        """Event sub-processes that wait for their event, and since when."""
        self.done: list[Done] = []
        self.interrupted = self.closed = False


class Item:
    """A token at an element of a scope, or an activity that runs there."""

    def __init__(self, element: Element, scope: Scope, within: Item | None = None, flow: str = "") -> None:
        self.element, self.scope, self.within, self.flow = element, scope, within, flow
        self.alive = True
        self.waits = 0
        """When it began to wait for something from outside."""
        self.inner: Scope | None = None
        self.instances: list[Item] = []
        self.count = self.finished = 0
        self.borders: dict[Element, int] = {}
        self.undoing: list[Done] = []
        self.then: Callable[[], None] | None = None


_Wait = tuple[int, Element, Callable[[], None]]
"""Since when, at what, and what happens when it is over."""


class Game:
    """A case that is played."""

    def __init__(self, xml: bytes, decisions: Decisions) -> None:
        self.chart = Chart(xml)
        self.decisions = decisions
        self.log: list[str] = []
        self._moments = 0
        self._agenda: list[tuple[Item, Callable[[], None]]] = []
        self._fresh: list[tuple[Item, Callable[[], None]]] = []
        self.root = Scope(self.chart.process, None)
        self._enter(self.root)
        self._play()

    # -- from outside -------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        return self.root.closed

    @property
    def waits(self) -> list[str]:
        return sorted(element.id for _, element, _ in self._awaited_in(self.root))

    def happen(self, element_id: str, number: int = 0) -> list[str]:
        """The given one of the waits at an element, the oldest first, is over; what follows from that, sorted."""
        self.log = []
        waits = [(since, act) for since, element, act in self._awaited_in(self.root) if element.id == element_id]
        sorted(waits, key=lambda wait: wait[0])[number][1]()
        self._play()
        return sorted(self.log)

    def _awaited_in(self, scope: Scope) -> Iterator[_Wait]:
        for (started, start), since in scope.arms.items():
            yield since, start, partial(self._start_by_event, scope, started, start, True)
        for item in scope.items:
            yield from self._awaited_at(item)

    def _awaited_at(self, item: Item) -> Iterator[_Wait]:
        if item.element.kind == "eventBasedGateway" and item.waits:
            for flow in item.element.outgoing:
                target = self.chart.elements[self.chart.flows[flow][1]]
                yield item.waits, target, partial(self._choose_event, item, flow)
        elif item.waits:
            yield item.waits, item.element, partial(self._over, item)
        for border, since in item.borders.items():
            yield since, border, partial(self._border_happens, item, border, True)
        for instance in item.instances:
            yield from self._awaited_at(instance)
        if item.inner is not None:
            yield from self._awaited_in(item.inner)

    def _now(self) -> int:
        self._moments += 1
        return self._moments

    # -- the order of moves -------------------------------------------------------------------------------------

    def _soon(self, item: Item, move: Callable[[], None]) -> None:
        self._fresh.append((item, move))

    def _play(self) -> None:
        while True:
            self._agenda.extend(reversed(self._fresh))
            self._fresh.clear()
            if self._agenda:
                item, move = self._agenda.pop()
                if item.alive:
                    move()
            elif not any(self._merge_inclusive(item) for item in self._joining(self.root)):
                return

    def _joining(self, scope: Scope) -> Iterator[Item]:
        for item in list(scope.items):
            if item.flow and item.element.kind == "inclusiveGateway":
                yield item
            for each in (item, *item.instances):
                if each.inner is not None:
                    yield from self._joining(each.inner)

    # -- tokens -------------------------------------------------------------------------------------------------

    def _put(self, element: Element, scope: Scope, flow: str = "") -> Item:
        item = Item(element, scope, flow=flow)
        scope.items.append(item)
        self._soon(item, lambda: self._arrive(item))
        return item

    def _enter(self, scope: Scope) -> None:
        for start in self.chart.starts(scope.id):
            self._put(start, scope)
        self._arm(scope)
        self._close_if_empty(scope)

    def _arm(self, scope: Scope) -> None:
        scope.arms = {
            pair: self._now() for pair in self.chart.event_sub_processes(scope.id) if pair[1].event in _AWAITED
        }

    def _leave(self, item: Item, flows: list[str] | None = None) -> None:
        """Go on along the flows that are open."""
        scope = item.scope
        chosen = self._open(item.element) if flows is None else flows
        self._remove(item)
        for flow in chosen:
            self.log.append(f"{flow} taken")
            self._put(self.chart.elements[self.chart.flows[flow][1]], scope, flow)
        self._close_if_empty(scope)

    def _remove(self, item: Item) -> None:
        item.alive = False
        if item in item.scope.items:
            item.scope.items.remove(item)

    def _close_if_empty(self, scope: Scope) -> None:
        if scope.items or scope.closed:
            return
        scope.closed, scope.arms = True, {}
        owner = scope.owner
        if owner is not None:
            self._soon(owner, lambda: self._over(owner))

    def _open(self, element: Element) -> list[str]:
        """The flows that a token takes on leaving: all that have no condition or a true one, else the default."""
        if element.kind == "parallelGateway":
            return element.outgoing
        others = [flow for flow in element.outgoing if flow != element.default]
        true = [flow for flow in others if self._is_true(self.chart.flows[flow][2])]
        if element.kind == "exclusiveGateway":
            true = true[:1]
        return true or [element.default] * bool(element.default)

    def _is_true(self, condition: str, **known: int) -> bool:
        """`=a = 1 or b = 2`, the only kind of condition that the diagrams have."""
        numbers = {**self.decisions, **known}
        found = re.findall(r"(\w+) (=|>=) (\d+)", condition)
        return not condition or any(
            numbers[name] == int(value) if sign == "=" else numbers[name] >= int(value) for name, sign, value in found
        )

    def _arrive(self, item: Item) -> None:
        kind = item.element.kind
        if kind in ACTIVITIES:
            self._begin(item)
        elif kind == "parallelGateway":
            self._merge_parallel(item)
        elif kind == "inclusiveGateway" and len(item.element.incoming) > 1:
            self._merge_inclusive(item)
        elif kind.endswith("ThrowEvent") or kind == "endEvent":
            self._throw(item)
        elif kind == "intermediateCatchEvent" and item.element.event in _AWAITED:
            item.waits = self._now()
        elif kind.endswith("Event"):
            self._happens(item)
        elif kind == "eventBasedGateway":
            item.waits = self._now()
        else:
            self._leave(item)

    # -- joins --------------------------------------------------------------------------------------------------

    def _here(self, item: Item) -> dict[str, Item]:
        """The first token of each flow that waits at a join."""
        first: dict[str, Item] = {}
        for other in item.scope.items:
            if other.element is item.element and other.flow:
                first.setdefault(other.flow, other)
        return first

    def _merge(self, item: Item, tokens: dict[str, Item]) -> None:
        for other in tokens.values():
            if other is not item:
                self._remove(other)
        item.flow = ""
        self._soon(item, lambda: self._leave(item))

    def _merge_parallel(self, item: Item) -> None:
        tokens = self._here(item)
        if len(item.element.incoming) < 2:
            self._leave(item)
        elif len(tokens) == len(item.element.incoming):
            self._merge(tokens[item.flow], tokens)

    def _merge_inclusive(self, item: Item) -> bool:
        """No token may be able to reach an empty flow of the gateway, unless it can reach one with a token as well."""
        tokens = self._here(item)
        empty = [self.chart.behind(flow, item.element) for flow in item.element.incoming if flow not in tokens]
        full = [self.chart.behind(flow, item.element) for flow in tokens]
        for other in item.scope.items:
            place = other.element.id
            waits_here = other.element is item.element and other.flow
            if not waits_here and any(place in b for b in empty) and not any(place in b for b in full):
                return False
        self._merge(item, tokens)
        return True

    # -- activities ---------------------------------------------------------------------------------------------

    def _begin(self, item: Item) -> None:
        if not item.element.undoes:
            item.borders = {b: self._now() for b in self.chart.borders(item.element) if b.event in _AWAITED}
        if item.element.repeats:
            self._begin_several(item)
        else:
            self._work(item)

    def _work(self, item: Item) -> None:
        """Begin the activity itself, or one instance of it."""
        self.log.append(f"{item.element.id} started")
        if item.element.kind in _WAITING:
            item.waits = self._now()
        elif item.element.kind in ("subProcess", "transaction"):
            item.inner = Scope(item.element.id, item)
            self._enter(item.inner)
        else:
            self._over(item)

    def _begin_several(self, item: Item) -> None:
        number = re.sub(r"\D", "", item.element.count)
        item.count = int(number) if number else 1_000
        more = item.count > 0
        if item.element.repeats == "standard":
            more = not item.element.test_before or (more and self._is_true(item.element.enough))
        if not more:
            self._go_on(item)
            return
        for _ in range(item.count if item.element.repeats == "parallel" else 1):
            self._add_instance(item)

    def _add_instance(self, item: Item) -> None:
        instance = Item(item.element, item.scope, within=item)
        item.instances.append(instance)
        self._soon(instance, lambda: self._work(instance))

    def _over(self, item: Item) -> None:
        """An activity is done, or the event that a token waited for has come."""
        item.waits = 0
        if item.element.kind not in ACTIVITIES:
            self._happens(item)
            return
        self.log.append(f"{item.element.id} completed")
        if item.within is not None:
            self._remember_inside(item)
            item.alive = False
            item.within.instances.remove(item)
            self._one_over(item.within)
        elif item.then is not None:
            self._remove(item)
            item.then()
        else:
            self._remember(item)
            self._go_on(item)

    def _one_over(self, item: Item) -> None:
        element = item.element
        item.finished += 1
        if element.repeats == "standard":
            is_enough = item.finished >= item.count or not self._is_true(element.enough)
        else:
            known = {"numberOfCompletedInstances": item.finished}
            is_enough = item.finished == item.count or bool(element.enough and self._is_true(element.enough, **known))
        if is_enough:
            for instance in item.instances:
                self._cancel_one(instance)
            item.instances = []
            self._go_on(item)
        elif element.repeats != "parallel":
            self._add_instance(item)

    def _go_on(self, item: Item) -> None:
        item.borders = {}
        self._soon(item, lambda: self._leave(item))

    def _remember(self, item: Item) -> None:
        if any(border.undone_by for border in self.chart.borders(item.element)):
            item.scope.done.append(Done(item.element))
        else:
            self._remember_inside(item)

    @staticmethod
    def _remember_inside(item: Item) -> None:
        """A sub-process, or one instance of it, can be undone if something in it can."""
        if item.inner is not None and item.inner.done:
            item.scope.done.append(Done(item.element, item.inner.done))

    # -- events -------------------------------------------------------------------------------------------------

    def _happens(self, item: Item) -> None:
        self.log.append(f"{item.element.id} happened")
        self._soon(item, lambda: self._leave(item))

    def _choose_event(self, gateway: Item, flow: str) -> None:
        self.log.append(f"{flow} taken")
        item = Item(self.chart.elements[self.chart.flows[flow][1]], gateway.scope)
        gateway.scope.items.append(item)
        self._remove(gateway)
        self._happens(item)

    def _border_happens(self, host: Item, border: Element, was_awaited: bool) -> None:
        item = Item(border, host.scope)
        host.scope.items.append(item)
        if was_awaited:
            del host.borders[border]
            if border.event != "timer" and not border.interrupting:
                host.borders[border] = self._now()
        if border.interrupting:
            self._cancel(host)
        self._happens(item)

    def _start_by_event(self, scope: Scope, started: Element, start: Element, was_awaited: bool) -> None:
        if was_awaited:
            del scope.arms[started, start]
            if start.event != "timer" and not start.interrupting:
                scope.arms[started, start] = self._now()
        item = Item(started, scope)
        if start.interrupting:
            scope.interrupted, scope.arms = True, {}
            for other in list(scope.items):
                self._cancel(other)
        scope.items.append(item)
        self.log += [f"{started.id} started", f"{start.id} happened"]
        item.inner = Scope(started.id, item)
        first = Item(start, item.inner)
        item.inner.items.append(first)
        self._soon(first, lambda: self._leave(first))
        self._arm(item.inner)

    def _throw(self, item: Item) -> None:
        element, scope = item.element, item.scope
        self.log.append(f"{element.id} happened")
        match element.event:
            case "error" | "escalation":
                self._raise(item, element.event, element.code or "")
            case "terminate" | "cancel":
                scope.arms = {}
                for other in list(scope.items):
                    if other is not item:
                        self._cancel(other)
        if not item.alive:
            return
        if element.event == "link":
            self._remove(item)
            for end in self.chart.link_ends(element):
                self._put(end, scope)
        elif element.event in ("compensation", "cancel"):
            item.undoing = self._take(scope, element.activity)
            self._undo_next(item)
        else:
            self._leave(item)

    def _raise(self, item: Item, trigger: str, code: str) -> None:
        """The nearest that takes it: what is drawn for this very code before what takes all."""
        scope: Scope | None = item.scope
        inside: Element | None = None
        while scope is not None:
            handlers = [] if scope.interrupted else list(self.chart.event_sub_processes(scope.id))
            starts = [(sub, start) for sub, start in handlers if start.event == trigger and sub is not inside]
            for wanted in (code, None):
                for sub, start in starts:
                    if start.code == wanted:
                        self._start_by_event(scope, sub, start, False)
                        return
            owner = scope.owner
            if owner is None:
                return
            host = owner.within or owner
            for wanted in (code, None):
                for border in self.chart.borders(host.element):
                    if border.event == trigger and border.code == wanted:
                        self._border_happens(host, border, False)
                        return
            scope, inside = owner.scope, owner.element

    def _cancel(self, item: Item) -> None:
        """Stop a token or an activity with all that is inside."""
        self._remove(item)
        self._cancel_one(item)

    def _cancel_one(self, item: Item) -> None:
        was_there = bool(item.waits) or item.inner is not None
        item.alive = item.waits = 0
        item.borders = {}
        for instance in item.instances:
            self._cancel_one(instance)
        if item.inner is not None:
            item.inner.arms = {}
            for other in list(item.inner.items):
                self._cancel(other)
        if was_there and item.element.kind in ACTIVITIES:
            self.log.append(f"{item.element.id} cancelled")

    # -- compensation -------------------------------------------------------------------------------------------

    def _take(self, scope: Scope, activity: str) -> list[Done]:
        """What is to be undone in a scope and, for an event sub-process, in the scopes around it."""
        taken: list[Done] = []
        current: Scope | None = scope
        while current is not None:
            mine = [done for done in current.done if activity in ("", done.element.id)]
            current.done = [done for done in current.done if done not in mine]
            taken = mine + taken
            owner = current.owner
            current = owner.scope if owner is not None and owner.element.by_event else None
        return taken

    def _undo_next(self, item: Item) -> None:
        """Undo the latest that is left; when all is undone, go on."""
        if not item.undoing:
            self._after_undoing(item)
            return
        done = item.undoing.pop()
        if done.inside is None:
            border = next(border for border in self.chart.borders(done.element) if border.undone_by)
            self.log.append(f"{border.id} happened")
            work = self._put(self.chart.elements[border.undone_by], item.scope)
            work.then = lambda: self._undo_next(item)
        else:
            self._undo_inside(item, done)

    def _undo_inside(self, item: Item, done: Done) -> None:
        """A sub-process is undone by undoing what was done in it."""
        assert done.inside is not None
        work = Item(done.element, item.scope)
        work.inner = Scope(done.element.id, work)
        work.then = lambda: self._undo_next(item)
        item.scope.items.append(work)
        self.log.append(f"{done.element.id} started")
        inner = Item(Element("undoing", "undoing", done.element.id), work.inner)
        inner.undoing = list(done.inside)
        work.inner.items.append(inner)
        self._soon(inner, lambda: self._undo_next(inner))

    def _after_undoing(self, item: Item) -> None:
        if item.element.event == "cancel":
            owner = item.scope.owner
            assert owner is not None
            host = owner.within or owner
            border = next(each for each in self.chart.borders(host.element) if each.event == "cancel")
            self._border_happens(host, border, False)
        else:
            self._soon(item, lambda: self._leave(item))
