"""Random well-formed diagrams, written as XML: what people draw, nested and combined in ways that nobody thinks of."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ElementTree

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"

Part = ElementTree.Element

LEAVES = ("user", "user", "user", "script", "catch", "receive", "call", "instances", "again")
STRUCTURES = (
    "sequence", "sequence", "exclusive", "parallel", "inclusive", "conditional_flows", "implicit_fork", "merge", "loop",
    "race", "sub_process", "several_sub_processes", "guard", "guard", "catching", "handlers", "terminate", "links",
    "compensation", "transaction", "throw",
)  # fmt: skip
HOSTS = ("user", "receive", "call", "instances", "again", "sub_process", "several_sub_processes")


class RandomDiagram:
    """One diagram; `decisions` names the variables that its conditions read, each a number below four."""

    def __init__(self, seed: int, depth: int = 4, most_elements: int = 60) -> None:
        self.chance = random.Random(seed)
        self.decisions: list[str] = []
        self._count = 0
        self._most = most_elements
        self.awaited: dict[str, str] = {}
        """Event or receive task → the name of the message or signal that it waits for."""
        self._roots: list[Part] = []
        self._errors: list[str] = []
        """Codes of errors that something around takes."""
        self._escalations: list[str] = []
        self._process = Part("process", id="process", name=f"Random {seed}", isExecutable="true")
        if self.chance.random() < 0.2:
            self._scope_with_handlers(self._process, depth)
        else:
            self._scope_content(self._process, depth)
        self.xml = self._written()

    def decide(self, chance: random.Random) -> dict[str, int]:
        return {name: chance.randrange(4) for name in self.decisions}

    def _written(self) -> bytes:
        root = Part("definitions", {"xmlns": MODEL, "xmlns:zeebe": ZEEBE, "id": "file", "targetNamespace": "random"})
        root.extend([*self._roots, self._process])
        ElementTree.indent(root)
        return bytes(ElementTree.tostring(root, "utf-8"))

    # -- small parts --------------------------------------------------------------------------------------------

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"

    def _node(self, scope: Part, tag: str, name: str = "", **attributes: str) -> Part:
        return ElementTree.SubElement(scope, tag, {"id": self._id(name or tag), **attributes})

    def _flow(self, scope: Part, source: Part, target: Part, condition: str = "") -> str:
        flow = ElementTree.SubElement(
            scope,
            "sequenceFlow",
            {"id": self._id("flow"), "sourceRef": source.attrib["id"], "targetRef": target.attrib["id"]},
        )
        if condition:
            ElementTree.SubElement(flow, "conditionExpression").text = condition
        return flow.attrib["id"]

    def _extension(self, node: Part, tag: str, **attributes: str) -> None:
        container = node.find("extensionElements")
        if container is None:
            container = Part("extensionElements")
            node.insert(0, container)
        ElementTree.SubElement(container, f"zeebe:{tag}", attributes)

    def _event(self, node: Part, trigger: str, code: str | None = None) -> None:
        """What an event is about; errors and escalations without a code take all."""
        definition = ElementTree.SubElement(node, f"{trigger}EventDefinition")
        match trigger:
            case "timer":
                ElementTree.SubElement(definition, "timeDuration").text = "PT1H"
            case "message" | "signal":
                self._await(node, definition, trigger)
            case "error" | "escalation" if code is not None:
                definition.set(f"{trigger}Ref", self._root(trigger, **{f"{trigger}Code": code}))

    def _await(self, node: Part, definition: Part, trigger: str) -> None:
        name = self.awaited[node.attrib["id"]] = self._id(trigger)
        definition.set(f"{trigger}Ref", self._root(trigger, name=name))

    def _root(self, tag: str, **attributes: str) -> str:
        root = Part(tag, {"id": self._id("root"), **attributes})
        if tag == "message":
            self._extension(root, "subscription", correlationKey='="key"')
        self._roots.append(root)
        return root.attrib["id"]

    def _decision(self) -> str:
        name = self._id("x")
        self.decisions.append(name)
        return name

    def _user_task(self, scope: Part) -> Part:
        task = self._node(scope, "userTask")
        self._extension(task, "assignmentDefinition", candidateGroups="staff")
        return task

    def _end(self, scope: Part, before: Part, trigger: str = "", code: str | None = None) -> Part:
        end = self._node(scope, "endEvent")
        if trigger:
            self._event(end, trigger, code)
        self._flow(scope, before, end)
        return end

    # -- blocks -------------------------------------------------------------------------------------------------

    def _scope_content(self, scope: Part, depth: int, implicit: bool = False) -> None:
        """Everything of a process or sub-process; perhaps without start and end events."""
        if implicit:
            start = self._user_task(scope)
            self._block(scope, start, depth)
            return
        self._end(scope, self._block(scope, self._node(scope, "startEvent"), depth))

    def _block(self, scope: Part, before: Part, depth: int, kinds: tuple[str, ...] = ()) -> Part:
        """Draw something behind an element; what it ends with."""
        is_leaf = depth <= 0 or self._count > self._most
        choices = kinds or (LEAVES if is_leaf else LEAVES + STRUCTURES + STRUCTURES)
        drawn: Part = getattr(self, f"_draw_{self.chance.choice(choices)}")(scope, before, depth - 1)
        return drawn

    def _draw_user(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._user_task(scope)
        self._flow(scope, before, task)
        return task

    def _draw_script(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._node(scope, self.chance.choice(("scriptTask", "task")))
        if task.tag == "scriptTask":
            self._extension(task, "script", expression="=1 + 1", resultVariable="two")
        self._flow(scope, before, task)
        return task

    def _draw_catch(self, scope: Part, before: Part, depth: int) -> Part:
        event = self._node(scope, "intermediateCatchEvent")
        self._event(event, self.chance.choice(("timer", "message", "signal")))
        self._flow(scope, before, event)
        return event

    def _draw_receive(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._node(scope, "receiveTask")
        self._await(task, task, "message")
        self._flow(scope, before, task)
        return task

    def _draw_call(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._node(scope, "callActivity")
        self._extension(task, "calledElement", processId=f"of_{task.attrib['id']}", propagateAllChildVariables="false")
        self._flow(scope, before, task)
        return task

    def _several(self, activity: Part, least: int = 0) -> None:
        loop = ElementTree.SubElement(activity, "multiInstanceLoopCharacteristics")
        loop.set("isSequential", self.chance.choice(("true", "false")))
        ElementTree.SubElement(loop, "loopCardinality").text = f"={self.chance.randint(least, 3)}"
        if self.chance.random() < 0.4:
            enough = ElementTree.SubElement(loop, "completionCondition")
            enough.text = f"=numberOfCompletedInstances >= {self.chance.randint(1, 2)}"

    def _draw_instances(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._draw_user(scope, before, depth)
        self._several(task)
        return task

    def _draw_again(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._draw_user(scope, before, depth)
        loop = ElementTree.SubElement(
            task, "standardLoopCharacteristics", testBefore=self.chance.choice(("true", "false"))
        )
        loop.set("loopMaximum", str(self.chance.randint(1, 3)))
        if self.chance.random() < 0.7:
            ElementTree.SubElement(loop, "loopCondition").text = f"={self._decision()} = 1"
        return task

    def _draw_sequence(self, scope: Part, before: Part, depth: int) -> Part:
        for _ in range(self.chance.randint(1, 4)):
            before = self._block(scope, before, depth)
        return before

    def _branches(self, scope: Part, split: Part, join: Part | None, depth: int, conditional: bool) -> None:
        """Two or three ways from one element to another; a way may end for itself when others do not wait for it."""
        decision = self._decision() if conditional else ""
        count = self.chance.randint(2, 3)
        for number in range(count):
            known = len(scope.findall("sequenceFlow"))
            last = self._block(scope, split, depth)
            first = scope.findall("sequenceFlow")[known]
            if conditional and number == count - 1:
                split.set("default", first.attrib["id"])
            elif conditional:
                chosen = f"={decision} = {number} or {decision} = 3"
                ElementTree.SubElement(first, "conditionExpression").text = chosen
            if join is None:
                self._end(scope, last)
            else:
                self._flow(scope, last, join)

    def _gateways(self, scope: Part, before: Part, depth: int, split: str, join: str) -> Part:
        opening, closing = self._node(scope, split), self._node(scope, join)
        self._flow(scope, before, opening)
        self._branches(scope, opening, closing, depth, split != "parallelGateway")
        return closing

    def _draw_exclusive(self, scope: Part, before: Part, depth: int) -> Part:
        return self._gateways(
            scope, before, depth, "exclusiveGateway", self.chance.choice(("exclusiveGateway", "task"))
        )

    def _draw_parallel(self, scope: Part, before: Part, depth: int) -> Part:
        join = self.chance.choice(("parallelGateway", "parallelGateway", "inclusiveGateway"))
        return self._gateways(scope, before, depth, "parallelGateway", join)

    def _draw_inclusive(self, scope: Part, before: Part, depth: int) -> Part:
        return self._gateways(scope, before, depth, "inclusiveGateway", "inclusiveGateway")

    def _draw_conditional_flows(self, scope: Part, before: Part, depth: int) -> Part:
        task, join = self._draw_user(scope, before, depth), self._node(scope, "inclusiveGateway")
        self._branches(scope, task, join, depth, True)
        return join

    def _draw_implicit_fork(self, scope: Part, before: Part, depth: int) -> Part:
        """Several ways out of a task without a gateway, of which all but one end for themselves."""
        task = self._draw_user(scope, before, depth)
        aside = self._block(scope, task, depth)
        if self.chance.random() < 0.5:
            self._end(scope, aside)
        return self._block(scope, task, depth)

    def _draw_merge(self, scope: Part, before: Part, depth: int) -> Part:
        """Ways that are taken together and meet without a join: what comes after is done for each."""
        fork, after = self._draw_script(scope, before, depth), self._node(scope, "task")
        for _ in range(2):
            self._flow(scope, self._block(scope, fork, depth), after)
        return after

    def _draw_loop(self, scope: Part, before: Part, depth: int) -> Part:
        again = self._node(scope, "exclusiveGateway")
        self._flow(scope, before, again)
        last = self._block(scope, self._draw_user(scope, again, depth), depth)
        gateway, after = self._node(scope, "exclusiveGateway"), self._node(scope, "task")
        self._flow(scope, last, gateway)
        self._flow(scope, gateway, again, f"={self._decision()} = 1")
        gateway.set("default", self._flow(scope, gateway, after))
        return after

    def _draw_race(self, scope: Part, before: Part, depth: int) -> Part:
        gateway, join = self._node(scope, "eventBasedGateway"), self._node(scope, "exclusiveGateway")
        self._flow(scope, before, gateway)
        for trigger in self.chance.sample(("timer", "message", "signal"), self.chance.randint(2, 3)):
            event = self._node(scope, "intermediateCatchEvent")
            self._event(event, trigger)
            self._flow(scope, gateway, event)
            self._flow(scope, self._block(scope, event, depth), join)
        return join

    def _draw_sub_process(self, scope: Part, before: Part, depth: int) -> Part:
        inner = self._node(scope, "subProcess")
        self._flow(scope, before, inner)
        self._scope_content(inner, depth, implicit=self.chance.random() < 0.3)
        return inner

    def _draw_several_sub_processes(self, scope: Part, before: Part, depth: int) -> Part:
        inner = self._draw_sub_process(scope, before, depth)
        self._several(inner)
        return inner

    # -- events on borders and beside the flow ------------------------------------------------------------------

    def _draw_guard(self, scope: Part, before: Part, depth: int) -> Part:
        """An activity with one or two events on its border."""
        host = self._block(scope, before, depth, HOSTS)
        triggers = self.chance.sample(("timer", "message", "signal"), self.chance.randint(1, 2))
        return self._guarded(scope, host, depth, [(trigger, None) for trigger in triggers])

    def _guarded(self, scope: Part, host: Part, depth: int, events: list[tuple[str, str | None]]) -> Part:
        """Draw events on a border with their ways; what both the activity and the ways that come back lead to."""
        back: list[Part] = []
        for trigger, code in events:
            interrupting = trigger in ("error", "cancel") or self.chance.random() < 0.5
            border = self._node(scope, "boundaryEvent", attachedToRef=host.attrib["id"])
            if not interrupting:
                border.set("cancelActivity", "false")
            self._event(border, trigger, code)
            last = self._block(scope, border, depth)
            if interrupting and self.chance.random() < 0.85:
                back.append(last)
            elif self.chance.random() < 0.7:
                self._end(scope, last)
        if not back:
            return host
        after = self._node(scope, self.chance.choice(("exclusiveGateway", "task")))
        for last in (host, *back):
            self._flow(scope, last, after)
        return after

    def _maybe(self, scope: Part, before: Part, end: str, code: str | None) -> Part:
        """A gateway that may lead to an end of a kind."""
        gateway = self._node(scope, "exclusiveGateway")
        self._flow(scope, before, gateway)
        stop = self._node(scope, "endEvent")
        self._event(stop, end, code)
        self._flow(scope, gateway, stop, f"={self._decision()} = 1")
        after = self._node(scope, "task")
        gateway.set("default", self._flow(scope, gateway, after))
        return after

    def _draw_throw(self, scope: Part, before: Part, depth: int) -> Part:
        """An error that something around takes, or an escalation that perhaps nothing takes."""
        if self._errors and self.chance.random() < 0.5:
            return self._maybe(scope, before, "error", self.chance.choice(self._errors))
        code = self.chance.choice([*self._escalations, "nobody"])
        if self.chance.random() < 0.3:
            return self._maybe(scope, before, "escalation", code)
        event = self._node(scope, "intermediateThrowEvent")
        self._event(event, "escalation", code)
        self._flow(scope, before, event)
        return event

    def _draw_catching(self, scope: Part, before: Part, depth: int) -> Part:
        """A sub-process, perhaps several times, in which errors and escalations come up that its border takes."""
        inner = self._node(scope, "subProcess")
        self._flow(scope, before, inner)
        error, escalation = self._id("error"), self._id("escalation")
        self._errors.append(error)
        self._escalations.append(escalation)
        last = self._block(inner, self._node(inner, "startEvent"), depth)
        for _ in range(self.chance.randint(1, 2)):
            last = self._draw_throw(inner, last, depth)
        self._end(inner, last)
        self._errors.pop()
        self._escalations.pop()
        if self.chance.random() < 0.3:
            self._several(inner)
        events = [("error", error)] if self.chance.random() < 0.5 else [("error", None)]
        events += self.chance.choice([[], [("escalation", escalation)], [("escalation", None)]])
        return self._guarded(scope, inner, depth, events)

    def _draw_handlers(self, scope: Part, before: Part, depth: int) -> Part:
        """A sub-process with event sub-processes."""
        inner = self._node(scope, "subProcess")
        self._flow(scope, before, inner)
        self._scope_with_handlers(inner, depth)
        return inner

    def _scope_with_handlers(self, scope: Part, depth: int) -> None:
        triggers = self.chance.sample(("timer", "message", "signal", "error", "escalation"), self.chance.randint(1, 2))
        codes = {trigger: self._id(trigger) for trigger in triggers}
        if "error" in codes:
            self._errors.append(codes["error"])
        if "escalation" in codes:
            self._escalations.append(codes["escalation"])
        last = self._block(scope, self._node(scope, "startEvent"), depth)
        if codes.keys() & {"error", "escalation"}:
            last = self._draw_throw(scope, last, depth)
        self._end(scope, last)
        if "error" in codes:
            self._errors.pop()
        if "escalation" in codes:
            self._escalations.pop()
        for trigger, code in codes.items():
            handler = self._node(scope, "subProcess", "handler", triggeredByEvent="true")
            start = self._node(handler, "startEvent")
            if trigger != "error" and self.chance.random() < 0.5:
                start.set("isInterrupting", "false")
            self._event(start, trigger, self.chance.choice((code, None)))
            self._end(handler, self._block(handler, start, depth))

    def _draw_terminate(self, scope: Part, before: Part, depth: int) -> Part:
        """A sub-process with two branches, of which one ends both, or a way that may end all around it."""
        if self.chance.random() < 0.3:
            return self._maybe(scope, before, "terminate", None)
        inner = self._node(scope, "subProcess")
        self._flow(scope, before, inner)
        fork = self._node(inner, "startEvent")
        for trigger in self.chance.sample(("terminate", ""), 2):
            self._end(inner, self._block(inner, fork, depth), trigger)
        return inner

    def _draw_links(self, scope: Part, before: Part, depth: int) -> Part:
        """A way that goes on elsewhere on the sheet, from one or two places."""
        name = self._id("link")
        gateway = self._node(scope, "exclusiveGateway")
        self._flow(scope, before, gateway)
        for condition in ("", f"={self._decision()} = 1"):
            last = self._block(scope, gateway, depth)
            first = scope.findall(f"sequenceFlow[@sourceRef='{gateway.attrib['id']}']")[-1]
            if condition:
                ElementTree.SubElement(first, "conditionExpression").text = condition
            else:
                gateway.set("default", first.attrib["id"])
            throw = self._node(scope, "intermediateThrowEvent")
            ElementTree.SubElement(throw, "linkEventDefinition", name=name)
            self._flow(scope, last, throw)
        catch = self._node(scope, "intermediateCatchEvent")
        ElementTree.SubElement(catch, "linkEventDefinition", name=name)
        return catch

    # -- compensation -------------------------------------------------------------------------------------------

    def _undoable(self, scope: Part, before: Part, depth: int) -> Part:
        task = self._block(scope, before, depth, ("user", "user", "script"))
        border = self._node(scope, "boundaryEvent", "undo", attachedToRef=task.attrib["id"])
        ElementTree.SubElement(border, "compensateEventDefinition")
        handler = self._user_task(scope) if self.chance.random() < 0.6 else self._node(scope, "task")
        handler.set("isForCompensation", "true")
        ElementTree.SubElement(
            scope,
            "association",
            {"id": self._id("association"), "sourceRef": border.attrib["id"], "targetRef": handler.attrib["id"]},
        )
        return task

    def _undoables(self, scope: Part, before: Part, depth: int) -> tuple[Part, list[Part]]:
        """Some activities that can be undone, also in a sub-process, with others between them."""
        tasks: list[Part] = []
        for _ in range(self.chance.randint(1, 3)):
            before = self._undoable(scope, before, depth)
            tasks.append(before)
            if self.chance.random() < 0.4:
                before = self._block(scope, before, depth)
        if self.chance.random() < 0.4:
            inner = self._node(scope, "subProcess")
            self._flow(scope, before, inner)
            self._end(inner, self._undoables(inner, self._node(inner, "startEvent"), depth - 1)[0])
            before = inner
        return before, tasks

    def _draw_compensation(self, scope: Part, before: Part, depth: int) -> Part:
        last, tasks = self._undoables(scope, before, depth)
        throw = self._node(scope, "intermediateThrowEvent")
        definition = ElementTree.SubElement(throw, "compensateEventDefinition")
        if self.chance.random() < 0.4:
            definition.set("activityRef", self.chance.choice(tasks).attrib["id"])
        self._flow(scope, last, throw)
        return throw

    def _draw_transaction(self, scope: Part, before: Part, depth: int) -> Part:
        inner = self._node(scope, "transaction")
        self._flow(scope, before, inner)
        last, _ = self._undoables(inner, self._node(inner, "startEvent"), depth)
        self._end(inner, self._maybe(inner, last, "cancel", None))
        return self._guarded(scope, inner, depth, [("cancel", None)])
