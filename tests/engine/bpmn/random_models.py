"""Random well-formed processes: a tree of blocks, the diagram it stands for, and a plain player of the tree.

The player knows nothing of tokens, joins or scopes: it walks the tree. So it is an oracle for the interpreter, which
sees only the diagram.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.bpmn.elements import EventDefinition, Flow, Loop, Node, ProcessModel, Script

Decisions = dict[str, int]
"""Gateway → the number that its conditions read."""


@dataclass
class Block:
    """A part of a process with one way in and one way out."""

    id: str
    kind: str
    parts: list[Block] = field(default_factory=list)
    interrupting: bool = True
    count: int = 0

    def all(self) -> Iterator[Block]:
        """It and all blocks in it."""
        yield self
        for part in self.parts:
            yield from part.all()


# --- making ----------------------------------------------------------------------------------------------------


class Generator:
    """Makes random trees."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._count = 0

    def process(self) -> Block:
        return self.block(depth=4, kinds=("sequence",))

    def block(self, depth: int, kinds: tuple[str, ...] = ()) -> Block:
        leaves = ("task", "task", "script")
        deeper = (
            "sequence", "xor", "and", "or", "loop", "sub", "race", "guard", "guard", "multi", "try", "stop", "esp",
        )  # fmt: skip
        kind = self.random.choice(kinds or (leaves + deeper if depth else leaves))
        self._count += 1
        block = Block(f"{kind}{self._count}", kind)
        match kind:
            case "sequence":
                block.parts = self._blocks(depth, 1, 4)
            case "xor" | "and" | "or" | "race":
                block.parts = self._blocks(depth, 2, 3)
            case "sub":
                block.parts = self._blocks(depth, 1, 1)
            case "loop":
                waits = self.block(0, ("task",))
                block.parts = [Block(f"{block.id}-body", "sequence", [waits, *self._blocks(depth, 0, 2)])]
            case "try" | "stop" | "esp":
                block.parts = self._blocks(depth, 2, 2)
                block.interrupting = self.random.random() < 0.5
            case "guard":
                host = self.block(depth - 1, ("task", "sub", "multi") if depth > 1 else ("task",))
                block.parts = [host, *self._blocks(depth, 1, 1)]
                block.interrupting = self.random.random() < 0.5
            case "multi":
                block.count = self.random.choice((0, 1, 2, 3))
                block.interrupting = self.random.random() < 0.5
        return block

    def _blocks(self, depth: int, least: int, most: int) -> list[Block]:
        return [self.block(depth - 1) for _ in range(self.random.randint(least, most))]


# --- drawing ---------------------------------------------------------------------------------------------------


class Drawing:
    """Draws the diagram of a tree."""

    def __init__(self, tree: Block) -> None:
        self._nodes: dict[str, Node] = {}
        self._flows: dict[str, Flow] = {}
        self._scope(tree, "process")

    def model(self) -> ProcessModel:
        nodes = {}
        for node in self._nodes.values():
            flows = self._flows.values()
            nodes[node.id] = dataclasses.replace(
                node,
                incoming=tuple(flow.id for flow in flows if flow.target == node.id),
                outgoing=tuple(flow.id for flow in flows if flow.source == node.id),
            )
        return ProcessModel("process", "", "", True, None, None, "random", nodes, self._flows)

    def _scope(self, tree: Block, scope: str) -> None:
        start = self._node(f"{scope}-start", "startEvent", scope)
        last = self._draw(tree, start, scope)
        self._flow(last, self._node(f"{scope}-end", "endEvent", scope), scope)

    def _node(self, node_id: str, kind: str, scope: str, **more: object) -> str:
        self._nodes[node_id] = Node(node_id, kind, scope=scope, **more)  # type: ignore[arg-type]
        return node_id

    def _flow(self, source: str, target: str, scope: str, condition: str | None = None) -> str:
        flow_id = f"{source}-{target}-{len(self._flows)}"
        self._flows[flow_id] = Flow(flow_id, source, target, condition=condition, scope=scope)
        return flow_id

    def _draw(self, block: Block, before: str, scope: str) -> str:
        """Draw a block behind an element; the id of its last element."""
        return str(getattr(self, f"_draw_{block.kind}")(block, before, scope))

    def _draw_sequence(self, block: Block, before: str, scope: str) -> str:
        for part in block.parts:
            before = self._draw(part, before, scope)
        return before

    def _draw_task(self, block: Block, before: str, scope: str) -> str:
        self._flow(before, self._node(block.id, "userTask", scope), scope)
        return block.id

    def _draw_script(self, block: Block, before: str, scope: str) -> str:
        node = self._node(block.id, "scriptTask", scope, script=Script("=1 + 1", block.id))
        self._flow(before, node, scope)
        return block.id

    def _draw_multi(self, block: Block, before: str, scope: str) -> str:
        loop = Loop("parallel" if block.interrupting else "sequential", cardinality=f"={block.count}")
        self._flow(before, self._node(block.id, "userTask", scope, loop=loop), scope)
        return block.id

    def _draw_sub(self, block: Block, before: str, scope: str) -> str:
        self._flow(before, self._node(block.id, "subProcess", scope), scope)
        self._scope(block.parts[0], block.id)
        return block.id

    def _draw_xor(self, block: Block, before: str, scope: str) -> str:
        return self._branches(block, before, scope, "exclusiveGateway", [f"={block.id} = {n}" for n in range(3)])

    def _draw_or(self, block: Block, before: str, scope: str) -> str:
        chosen = [f"={block.id} = {2**n} or {block.id} = 3" for n in range(2)]
        return self._branches(block, before, scope, "inclusiveGateway", [*chosen, ""])

    def _draw_and(self, block: Block, before: str, scope: str) -> str:
        return self._branches(block, before, scope, "parallelGateway", [None] * 3)

    def _branches(self, block: Block, before: str, scope: str, kind: str, conditions: list[str] | list[None]) -> str:
        split, join = block.id, self._node(f"{block.id}-join", kind, scope)
        self._flow(before, self._node(split, kind, scope), scope)
        for part, condition in zip(block.parts, conditions, strict=False):
            known = len(self._flows)
            self._flow(self._draw(part, split, scope), join, scope)
            first = list(self._flows)[known]
            if part is block.parts[-1] and kind != "parallelGateway":
                self._nodes[split] = dataclasses.replace(self._nodes[split], default=first)
            else:
                self._flows[first] = dataclasses.replace(self._flows[first], condition=condition)
        return join

    def _draw_loop(self, block: Block, before: str, scope: str) -> str:
        again = self._node(f"{block.id}-again", "exclusiveGateway", scope)
        self._flow(before, again, scope)
        last = self._draw(block.parts[0], again, scope)
        gateway = self._node(block.id, "exclusiveGateway", scope)
        self._flow(last, gateway, scope)
        self._flow(gateway, again, scope, f"={block.id} = 1")
        after = self._node(f"{block.id}-after", "task", scope)
        default = self._flow(gateway, after, scope)
        self._nodes[gateway] = dataclasses.replace(self._nodes[gateway], default=default)
        return after

    def _draw_try(self, block: Block, before: str, scope: str) -> str:
        """A sub-process that may end with an error, which its boundary event takes."""
        self._flow(before, self._node(block.id, "subProcess", scope), scope)
        body, mend = block.parts
        inner = block.id
        last = self._draw(body, self._node(f"{inner}-start", "startEvent", inner), inner)
        gateway = self._node(f"{inner}-decide", "exclusiveGateway", inner)
        self._flow(last, gateway, inner)
        failed = self._node(f"{inner}-failed", "endEvent", inner, event=EventDefinition("error", name=inner))
        self._flow(gateway, failed, inner, f"={inner} = 1")
        default = self._flow(gateway, self._node(f"{inner}-end", "endEvent", inner), inner)
        self._nodes[gateway] = dataclasses.replace(self._nodes[gateway], default=default)
        error = EventDefinition("error", name=inner if block.interrupting else None)
        caught = self._node(f"{inner}-caught", "boundaryEvent", scope, event=error, attached_to=inner)
        join = self._node(f"{inner}-join", "exclusiveGateway", scope)
        self._flow(inner, join, scope)
        self._flow(self._draw(mend, caught, scope), join, scope)
        return join

    def _draw_stop(self, block: Block, before: str, scope: str) -> str:
        """A sub-process with two branches, of which the first ends both."""
        self._flow(before, self._node(block.id, "subProcess", scope), scope)
        inner = block.id
        fork = self._node(f"{inner}-start", "startEvent", inner)
        first, second = block.parts
        terminate = self._node(f"{inner}-stop", "endEvent", inner, event=EventDefinition("terminate"))
        self._flow(self._draw(first, fork, inner), terminate, inner)
        self._flow(self._draw(second, fork, inner), self._node(f"{inner}-end", "endEvent", inner), inner)
        return inner

    def _draw_esp(self, block: Block, before: str, scope: str) -> str:
        """A sub-process with an event sub-process."""
        self._flow(before, self._node(block.id, "subProcess", scope), scope)
        body, handler = block.parts
        self._scope(body, block.id)
        inner = self._node(f"{block.id}-esp", "subProcess", block.id, is_event_subprocess=True)
        start = self._node(
            f"{block.id}-event",
            "startEvent",
            inner,
            event=EventDefinition("signal", name="now"),
            is_interrupting=block.interrupting,
        )
        end = self._node(f"{inner}-end", "endEvent", inner)
        self._flow(self._draw(handler, start, inner), end, inner)
        return block.id

    def _draw_race(self, block: Block, before: str, scope: str) -> str:
        gateway = self._node(block.id, "eventBasedGateway", scope)
        join = self._node(f"{block.id}-join", "exclusiveGateway", scope)
        self._flow(before, gateway, scope)
        for number, part in enumerate(block.parts):
            event = self._node(f"{block.id}-{number}", "intermediateCatchEvent", scope, event=_timer())
            self._flow(gateway, event, scope)
            self._flow(self._draw(part, event, scope), join, scope)
        return join

    def _draw_guard(self, block: Block, before: str, scope: str) -> str:
        host, other = block.parts
        self._draw(host, before, scope)
        event = _timer() if block.interrupting else EventDefinition("signal", name="again")
        self._node(
            block.id, "boundaryEvent", scope, event=event, attached_to=host.id, is_interrupting=block.interrupting
        )
        last = self._draw(other, block.id, scope)
        if not block.interrupting:
            self._flow(last, self._node(f"{block.id}-end", "endEvent", scope), scope)
            return host.id
        join = self._node(f"{block.id}-join", "exclusiveGateway", scope)
        self._flow(host.id, join, scope)
        self._flow(last, join, scope)
        return join


def _timer() -> EventDefinition:
    return EventDefinition("timer", timer_kind="duration", expression="PT1H")


# --- playing ---------------------------------------------------------------------------------------------------


class Player:
    """Walks a tree: what waits, and what happens when something waited for comes."""

    def __init__(self, tree: Block, decisions: Decisions) -> None:
        self.decisions = decisions
        self.log: list[str] = []
        self._root = Scope(self, tree)

    @property
    def waits(self) -> list[str]:
        return sorted(self._root.waits())

    @property
    def is_done(self) -> bool:
        return self._root.done

    def happen(self, element_id: str) -> list[str]:
        """Something that was waited for has come; what was started, completed and cancelled, sorted."""
        self.log = []
        assert self._root.happen(element_id)
        return sorted(self.log)


class Run:
    """A block that is being walked."""

    def __init__(self, player: Player, block: Block, scope: Scope) -> None:
        self.player, self.block, self.scope = player, block, scope
        self.done = False
        self.inner: list[Run] = []
        self.open()

    def open(self) -> None:
        raise NotImplementedError

    def moved(self) -> None:
        """Something inside is further now."""
        self.done = all(run.done for run in self.inner)

    def waits(self) -> Iterator[str]:
        for run in self.inner:
            if not run.done:
                yield from run.waits()

    def happen(self, element_id: str) -> bool:
        for run in self.inner:
            if not run.done and run.happen(element_id):
                self.moved()
                return True
        return False

    def cancel(self) -> None:
        for run in self.inner:
            if not run.done:
                run.cancel()

    def go(self, block: Block) -> Run:
        return RUNS[block.kind](self.player, block, self.scope)


class Scope(Run):
    """A process or sub-process: done when its tree and everything that was started beside it is done."""

    def __init__(self, player: Player, tree: Block) -> None:
        super().__init__(player, tree, self)

    def open(self) -> None:
        self.inner = []
        self.inner.append(self.go(self.block))
        self.moved()


class Leaf(Run):
    def open(self) -> None:
        self.player.log.append(f"{self.block.id} started")
        if self.block.kind == "script":
            self.finish()

    def finish(self) -> None:
        self.player.log.append(f"{self.block.id} completed")
        self.done = True

    def waits(self) -> Iterator[str]:
        yield self.block.id

    def happen(self, element_id: str) -> bool:
        if element_id == self.block.id:
            self.finish()
            return True
        return False

    def cancel(self) -> None:
        self.player.log.append(f"{self.block.id} cancelled")


class Sequence(Run):
    def open(self) -> None:
        self.moved()

    def moved(self) -> None:
        while not self.done and (not self.inner or self.inner[-1].done):
            if len(self.inner) == len(self.block.parts):
                self.done = True
            else:
                self.inner.append(self.go(self.block.parts[len(self.inner)]))


class Branches(Run):
    def open(self) -> None:
        for part in self.chosen():
            self.inner.append(self.go(part))
        self.moved()

    def chosen(self) -> list[Block]:
        return self.block.parts


class Exclusive(Branches):
    def chosen(self) -> list[Block]:
        number = self.player.decisions.get(self.block.id, -1)
        inside = 0 <= number < len(self.block.parts) - 1
        return [self.block.parts[number if inside else -1]]


class Inclusive(Branches):
    def chosen(self) -> list[Block]:
        number = self.player.decisions.get(self.block.id, 0)
        chosen = [part for place, part in enumerate(self.block.parts[:-1]) if number >> place & 1]
        return chosen or self.block.parts[-1:]


class Again(Run):
    def open(self) -> None:
        self.inner = [self.go(self.block.parts[0])]
        self.moved()

    def moved(self) -> None:
        while self.inner[0].done and not self.done:
            if self.player.decisions.get(self.block.id) == 1:
                self.inner = [self.go(self.block.parts[0])]
            else:
                self.player.log += [f"{self.block.id}-after started", f"{self.block.id}-after completed"]
                self.done = True


class Sub(Run):
    def open(self) -> None:
        self.player.log.append(f"{self.block.id} started")
        self.inner = [Scope(self.player, self.block.parts[0])]
        self.moved()

    def moved(self) -> None:
        if self.inner[0].done and not self.done:
            self.player.log.append(f"{self.block.id} completed")
            self.done = True

    def cancel(self) -> None:
        super().cancel()
        self.player.log.append(f"{self.block.id} cancelled")


class Try(Sub):
    def open(self) -> None:
        self.has_failed: bool | None = None
        super().open()

    def moved(self) -> None:
        if self.has_failed:
            self.done = self.inner[-1].done
            return
        body = self.inner[0]
        if self.has_failed is None and body.inner[0].done:
            self.has_failed = self.player.decisions.get(self.block.id) == 1
        if self.has_failed:
            body.cancel()
            body.done = True
            self.player.log.append(f"{self.block.id} cancelled")
            self.inner.append(self.go(self.block.parts[1]))
            self.done = self.inner[-1].done
        else:
            super().moved()

    def cancel(self) -> None:
        if self.has_failed:
            Run.cancel(self)
        else:
            super().cancel()


class Both(Scope):
    """The inside of a sub-process with two branches, of which the first ends both."""

    def open(self) -> None:
        self.inner = []
        self.inner.append(self.go(self.block.parts[0]))
        if not self.inner[0].done:
            self.inner.append(self.go(self.block.parts[1]))
        self.moved()

    def moved(self) -> None:
        if self.inner[0].done:
            self.cancel()
            self.inner = self.inner[:1]
        super().moved()


class Stop(Sub):
    def open(self) -> None:
        self.player.log.append(f"{self.block.id} started")
        self.inner = [Both(self.player, self.block)]
        self.moved()


class Interruptible(Sub):
    """A sub-process with an event sub-process."""

    def open(self) -> None:
        self.is_interrupted = False
        super().open()

    def waits(self) -> Iterator[str]:
        if not self.is_interrupted:
            yield f"{self.block.id}-event"
        yield from super().waits()

    def happen(self, element_id: str) -> bool:
        if element_id != f"{self.block.id}-event" or self.is_interrupted:
            return super().happen(element_id)
        scope = self.inner[0]
        if self.block.interrupting:
            self.is_interrupted = True
            scope.cancel()
            scope.inner = []
        handler = Block(f"{self.block.id}-esp", "sub", [self.block.parts[1]])
        scope.inner.append(Sub(self.player, handler, self.scope))
        scope.moved()
        self.moved()
        return True


class Race(Run):
    def open(self) -> None:
        """Nothing moves before one of the events comes."""

    def waits(self) -> Iterator[str]:
        if self.inner:
            yield from super().waits()
        else:
            yield from (f"{self.block.id}-{number}" for number in range(len(self.block.parts)))

    def happen(self, element_id: str) -> bool:
        if self.inner:
            return super().happen(element_id)
        gateway, _, number = element_id.rpartition("-")
        if gateway != self.block.id:
            return False
        self.inner = [self.go(self.block.parts[int(number)])]
        self.moved()
        return True


class Guard(Run):
    """A block whose activity is guarded by a boundary event."""

    def open(self) -> None:
        self.inner = [self.go(self.block.parts[0])]
        self.moved()

    def waits(self) -> Iterator[str]:
        if not self.inner[0].done and len(self.inner) == 1:
            yield self.block.id
        yield from super().waits()

    def happen(self, element_id: str) -> bool:
        host = self.inner[0]
        if element_id != self.block.id or host.done or len(self.inner) > 1:
            return super().happen(element_id)
        if self.block.interrupting:
            host.cancel()
            host.done = True
            self.inner.append(self.go(self.block.parts[1]))
        else:
            self.scope.inner.append(self.go(self.block.parts[1]))
        self.moved()
        return True


class Multi(Run):
    def open(self) -> None:
        self.left = self.block.count
        self.running = 0
        if self.block.interrupting:
            self.running = self.left
            self.player.log += [f"{self.block.id} started"] * self.left
        elif self.left:
            self.running = 1
            self.player.log.append(f"{self.block.id} started")
        self.done = not self.left

    def waits(self) -> Iterator[str]:
        yield from [self.block.id] * self.running

    def happen(self, element_id: str) -> bool:
        if element_id != self.block.id:
            return False
        self.player.log.append(f"{self.block.id} completed")
        self.left -= 1
        if self.block.interrupting:
            self.running -= 1
        elif self.left:
            self.player.log.append(f"{self.block.id} started")
        self.done = not self.left
        return True

    def cancel(self) -> None:
        self.player.log += [f"{self.block.id} cancelled"] * self.running


RUNS: dict[str, type[Run]] = {
    "sequence": Sequence,
    "task": Leaf,
    "script": Leaf,
    "xor": Exclusive,
    "or": Inclusive,
    "and": Branches,
    "loop": Again,
    "sub": Sub,
    "try": Try,
    "stop": Stop,
    "esp": Interruptible,
    "race": Race,
    "guard": Guard,
    "multi": Multi,
}
