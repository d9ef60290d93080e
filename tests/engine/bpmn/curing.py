"""Does what the problems of a diagram ask for, mechanically: they are complete when nothing new is found afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn import check, parse
from engine.bpmn.node_parser import NODES
from engine.errors import Problem

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
CODE = ("class", "expression", "delegateExpression", "type", "field", "resultVariable", "resultVariableName")
CODED = ("serviceTask", "sendTask", "businessRuleTask")


def errors(xml: bytes) -> list[Problem]:
    """What refuses a diagram."""
    return [problem for problem in check(parse(xml, "cured.bpmn")) if problem.severity == "error"]


def cured(xml: bytes) -> bytes:
    """The diagram with every named problem mended as its sentence says."""
    root = etree.fromstring(xml)
    surgeon = _Surgeon(root)
    for problem in errors(xml):
        surgeon.mend(problem)
    return bytes(etree.tostring(root))


class _Surgeon:
    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._made = 0

    def mend(self, problem: Problem) -> None:
        found = self._root.xpath("//*[@id=$id]", id=problem.element_id)
        mend = getattr(self, f"_mend_{(problem.rule or '').replace('-', '_')}", None)
        if found and mend is not None:
            mend(found[0], problem)

    # -- small steps --------------------------------------------------------------------------------------------

    def _id(self) -> str:
        self._made += 1
        return f"cured_{self._made}"

    def _add(self, parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
        for old in parent.findall(f"{{{MODEL}}}{tag}"):
            parent.remove(old)
        new = etree.SubElement(parent, f"{{{MODEL}}}{tag}", attributes)
        new.text = text or None
        return new

    def _extend(self, element: etree._Element, tag: str, **attributes: str) -> None:
        container = element.find(f"{{{MODEL}}}extensionElements")
        if container is None:
            container = etree.Element(f"{{{MODEL}}}extensionElements")
            element.insert(0, container)
        found = container.find(f"{{{ZEEBE}}}{tag}")
        if found is None:
            found = etree.SubElement(container, f"{{{ZEEBE}}}{tag}")
        found.attrib.update(attributes)

    def _own(self, element: etree._Element) -> Iterator[etree._Element]:
        """The element and what belongs to it alone."""
        yield element
        for inner in element.iterchildren(etree.Element):
            if etree.QName(inner).localname not in (*NODES, "sequenceFlow", "laneSet"):
                yield from self._own(inner)

    def _forget(self, element: etree._Element, name: str) -> None:
        """Take an attribute or element of another engine away."""
        for part in list(self._own(element)):
            for attribute in list(part.attrib):
                if etree.QName(attribute).localname == name and (part is not element or name != "id"):
                    del part.attrib[attribute]
            parent = part.getparent()
            if part is not element and parent is not None and etree.QName(part).localname == name:
                parent.remove(part)

    def _flows(self, element: etree._Element) -> list[etree._Element]:
        return list(self._root.xpath("//*[local-name()='sequenceFlow'][@sourceRef=$id]", id=element.get("id")))

    def _scope(self, element: etree._Element) -> etree._Element:
        parent = element.getparent()
        assert parent is not None
        return parent

    def _join(self, source: etree._Element, target: etree._Element) -> None:
        etree.SubElement(
            self._scope(target),
            f"{{{MODEL}}}sequenceFlow",
            {"id": self._id(), "sourceRef": source.get("id", ""), "targetRef": target.get("id", "")},
        )

    def _condition(self, flow: etree._Element) -> None:
        self._add(flow, "conditionExpression", "=true")

    def _refer(self, element: etree._Element, kind: str) -> None:
        """Make a message or the like, and let all definitions of an event that have none refer to it."""
        attributes = {"error": "errorCode", "escalation": "escalationCode"}
        root = etree.SubElement(self._root, f"{{{MODEL}}}{kind}", {"id": self._id()})
        root.set(attributes.get(kind, "name"), self._id())
        if kind == "message":
            self._extend(root, "subscription", correlationKey="=reference")
        definitions = element.findall(f"{{{MODEL}}}{kind}EventDefinition") or [element]
        for definition in definitions:
            definition.set(f"{kind}Ref", root.get("id", ""))

    # -- one for each rule --------------------------------------------------------------------------------------

    def _mend_not_read(self, element: etree._Element, problem: Problem) -> None:
        kind = etree.QName(element).localname
        names = [name.rpartition(":")[2].partition("=")[0] for name in problem.values["what"].split(", ")]
        names = [part for name in names for part in name.split(" ")[:1]]
        if names == ["script"]:
            self._mend_script(element)
            return
        for name in problem.values["what"].split(", "):
            self._forget(element, name.rpartition(":")[2].partition(" ")[2] or name.rpartition(":")[2])
        for name in names:
            if name.startswith("data"):
                for part in element.iter(f"{{{MODEL}}}assignment", f"{{{MODEL}}}transformation"):
                    self._scope(part).remove(part)
            elif name == "mapDecisionResult":
                prefix = problem.values["what"].partition(":")[0]
                element.set(f"{{{element.nsmap[prefix]}}}mapDecisionResult", "singleEntry")
            elif name in ("formField", "formProperty", "constraint"):
                self._forget(element, "formData")
                self._forget(element, "formProperty")
            else:
                self._forget(element, name)
        if "program code" in problem.template and kind in CODED:
            self._extend(element, "taskDefinition", type="work")
        elif "CMMN" in problem.template:
            self._extend(element, "calledElement", processId="q")
        elif names and kind in CODED and "calledDecisionId" not in names:
            self._give_work(element)
        elif "calledDecisionId" in names:
            self._extend(element, "calledDecision", decisionId="d", resultVariable="r")

    def _give_work(self, element: etree._Element) -> None:
        """What the other engine's words said the task does is said again."""
        if element.find(f"{{{MODEL}}}extensionElements/{{{ZEEBE}}}taskDefinition") is not None:
            return
        said_elsewhere = any("decisionRef" in name or "topic" in name for name in map(str, element.attrib))
        if not said_elsewhere:
            self._extend(element, "taskDefinition", type="work")

    def _mend_script(self, element: etree._Element) -> None:
        for script in element.findall(f"{{{MODEL}}}script"):
            element.remove(script)
        self._extend(element, "script", expression="=1", resultVariable="r")

    def _mend_task_without_work(self, element: etree._Element, problem: Problem) -> None:
        match etree.QName(element).localname:
            case "scriptTask":
                self._mend_script(element)
            case "businessRuleTask" if "which variable" in problem.template:
                self._set_result_variable(element)
            case "businessRuleTask":
                self._extend(element, "calledDecision", decisionId="d", resultVariable="r")
            case "callActivity":
                self._extend(element, "calledElement", processId="q")
            case _:
                self._extend(element, "taskDefinition", type="work")

    def _set_result_variable(self, element: etree._Element) -> None:
        called = element.find(f"{{{MODEL}}}extensionElements/{{{ZEEBE}}}calledDecision")
        if called is not None:
            called.set("resultVariable", "r")
        else:
            element.set("{http://camunda.org/schema/1.0/bpmn}resultVariable", "r")

    def _mend_way_without_condition(self, element: etree._Element, problem: Problem) -> None:
        if etree.QName(element).localname == "sequenceFlow":
            self._condition(element)
            return
        first, *others = self._flows(element)
        element.set("default", first.get("id", ""))
        for flow in others:
            self._condition(flow)

    def _mend_condition_not_asked(self, element: etree._Element, problem: Problem) -> None:
        for condition in element.findall(f"{{{MODEL}}}conditionExpression"):
            element.remove(condition)

    def _mend_expression(self, element: etree._Element, problem: Problem) -> None:
        subject = problem.values.get("subject")
        times = {"timeDuration": "PT1H", "timeDate": "2026-12-01T09:00:00Z", "timeCycle": "R/P1D"}
        for part in self._own(element):
            name = etree.QName(part).localname
            if subject is not None and part.get("target", part.get("name", part.get("key"))) == subject:
                for attribute in ("source", "value", "sourceExpression"):
                    if attribute in part.attrib:
                        part.set(attribute, "1" if attribute == "sourceExpression" else "=1")
                if name.endswith("Parameter"):
                    part.text = "1"
            elif subject is None and name in (
                "conditionExpression",
                "completionCondition",
                "loopCondition",
                "condition",
            ):
                part.text = "=true"
            elif problem.values.get("use") == "process" and part is element:
                part.set("calledElement", "q")
            elif subject is None and name in times:
                part.text = times[name]

    def _mend_variable_name(self, element: etree._Element, problem: Problem) -> None:
        for part in self._own(element):
            for attribute in ("target", "resultVariable"):
                if part.get(attribute) == problem.values.get("variable"):
                    part.set(attribute, "v")

    def _mend_no_correlation_key(self, element: etree._Element, problem: Problem) -> None:
        for message in self._root.findall(f"{{{MODEL}}}message"):
            if message.get("name") == problem.values["message"]:
                self._extend(message, "subscription", correlationKey="=reference")

    def _mend_event_without_name(self, element: etree._Element, problem: Problem) -> None:
        kind = next(kind for kind in ("message", "signal", "error", "escalation") if f" {kind}" in problem.template)
        self._refer(element, kind)

    def _mend_event_without_condition(self, element: etree._Element, problem: Problem) -> None:
        for definition in element.findall(f"{{{MODEL}}}conditionalEventDefinition"):
            self._add(definition, "condition", "=true")

    def _timer(self, element: etree._Element) -> None:
        for definition in element.findall(f"{{{MODEL}}}timerEventDefinition"):
            for old in list(definition):
                definition.remove(old)
            at_start = element.tag.endswith("startEvent") and self._scope(element).tag.endswith("process")
            self._add(definition, "timeCycle" if at_start else "timeDuration", "R/P1D" if at_start else "PT1H")

    def _mend_timer_without_time(self, element: etree._Element, problem: Problem) -> None:
        self._timer(element)

    _mend_timer_repeats = _mend_timer_start_duration = _mend_timer_without_time

    def _mend_loop(self, element: etree._Element, problem: Problem) -> None:
        for loop in element.findall(f"{{{MODEL}}}multiInstanceLoopCharacteristics"):
            self._extend(loop, "loopCharacteristics", inputCollection="=[1]")

    def _starting(self, scope: etree._Element) -> etree._Element:
        found = scope.find(f"{{{MODEL}}}startEvent")
        return found if found is not None else etree.SubElement(scope, f"{{{MODEL}}}startEvent", {"id": self._id()})

    def _mend_unreachable(self, element: etree._Element, problem: Problem) -> None:
        self._join(self._starting(self._scope(element)), element)

    def _mend_no_start(self, element: etree._Element, problem: Problem) -> None:
        targets = {flow.get("targetRef") for flow in self._root.iter(f"{{{MODEL}}}sequenceFlow")}
        start = self._starting(element)
        for node in list(element):
            is_first = node.get("id") not in targets and etree.QName(node).localname in NODES
            if is_first and node is not start and not node.get("attachedToRef") and not node.get("triggeredByEvent"):
                self._join(start, node)

    def _mend_event_sub_process_start(self, element: etree._Element, problem: Problem) -> None:
        start = self._starting(element)
        for other in element.findall(f"{{{MODEL}}}startEvent"):
            if other is not start:
                for flow in self._flows(other):
                    self._scope(flow).remove(flow)
                element.remove(other)
        if not any(part.tag.endswith("EventDefinition") for part in start):
            self._add(start, "messageEventDefinition")
            self._refer(start, "message")

    def _mend_event_gateway(self, element: etree._Element, problem: Problem) -> None:
        for _ in range(2):
            event = etree.SubElement(self._scope(element), f"{{{MODEL}}}intermediateCatchEvent", {"id": self._id()})
            self._add(event, "timerEventDefinition")
            self._timer(event)
            self._join(element, event)

    def _mend_boundary_events_alike(self, element: etree._Element, problem: Problem) -> None:
        borders = self._root.xpath("//*[@attachedToRef=$id]", id=element.get("id"))
        trigger = problem.values["trigger"]
        alike = [border for border in borders if border.find(f"{{{MODEL}}}{trigger}EventDefinition") is not None]
        for border in alike[1:]:
            self._refer(border, trigger)

    def _mend_not_run(self, element: etree._Element, problem: Problem) -> None:
        kind = etree.QName(element).localname
        if kind == "complexGateway":
            element.tag = f"{{{MODEL}}}exclusiveGateway"
        elif problem.values["trigger"] == "compensation" and kind != "startEvent":
            element.tag = f"{{{MODEL}}}intermediateThrowEvent"
        else:
            for part in list(element):
                if part.tag.endswith("EventDefinition"):
                    element.remove(part)
            self._add(element, "messageEventDefinition")
            self._refer(element, "message")
