"""The extension elements that the Camunda 8 tools write (`zeebe:`); where they are silent, those of older engines."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.bpmn import built_in_forms
from engine.bpmn.camunda7 import Camunda7
from engine.bpmn.documents import BPMN_NAMESPACE, child, local_name, reference, text_of
from engine.bpmn.elements import (
    Assignment,
    CalledDecision,
    CalledProcess,
    Mapping,
    Reference,
    Script,
    Service,
)
from engine.bpmn.reading import Reading

ZEEBE = "http://camunda.org/schema/zeebe/1.0"
_ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
    }
)
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_SERVICES = frozenset(
    {"serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent", "endEvent"}
)
_EVERYWHERE = frozenset({"*"})


@dataclass(frozen=True)
class _Known:
    """Where an extension element is read, and which of its attributes."""

    kinds: frozenset[str]
    attributes: frozenset[str] = frozenset()


def _known(kinds: frozenset[str], attributes: str = "") -> _Known:
    return _Known(kinds, frozenset(attributes.split()))


_USER_TASK = frozenset({"userTask"})
_ELEMENTS = {
    "userTask": _known(_USER_TASK),
    "formDefinition": _known(frozenset({"userTask", "startEvent"}), "formId formKey bindingType versionTag"),
    "assignmentDefinition": _known(_USER_TASK, "assignee candidateUsers candidateGroups"),
    "taskSchedule": _known(_USER_TASK, "dueDate followUpDate"),
    "priorityDefinition": _known(_USER_TASK, "priority"),
    "taskDefinition": _known(_SERVICES, "type retries"),
    "taskHeaders": _known(_SERVICES),
    "ioMapping": _known(_ACTIVITIES | _EVENTS),
    "script": _known(frozenset({"scriptTask"}), "expression resultVariable"),
    "calledDecision": _known(frozenset({"businessRuleTask"}), "decisionId resultVariable bindingType versionTag"),
    "calledElement": _known(
        frozenset({"callActivity"}),
        "processId bindingType versionTag propagateAllParentVariables propagateAllChildVariables",
    ),
    "subscription": _known(frozenset({"message"}), "correlationKey"),
    "loopCharacteristics": _known(
        frozenset({"multiInstanceLoopCharacteristics"}),
        "inputCollection inputElement outputCollection outputElement",
    ),
    "properties": _known(_EVERYWHERE),
    "versionTag": _known(frozenset({"process"}), "value"),
    "userTaskForm": _known(frozenset({"process"}), "id"),
}
_FORM_TEXT = f"{{{BPMN_NAMESPACE}}}extensionElements/{{{ZEEBE}}}userTaskForm"
_TEMPLATE_ATTRIBUTES = frozenset({"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"})
"""Which element template a tool used; what the template means is written out beside them."""


def extension_elements() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """The extension elements that are read: on which elements (`*` for all), and which of their attributes."""
    return {name: (known.kinds, known.attributes) for name, known in _ELEMENTS.items()}


class Extensions:
    """What the extension elements of one BPMN element say; everything else in them is noted as unread."""

    def __init__(self, element: etree._Element, reading: Reading, owner: str) -> None:
        self._element = element
        self._found: dict[str, etree._Element] = {}
        self._reading = reading
        self._owner = owner
        self._note_attributes(element)
        self._older = Camunda7(element, reading, owner)
        container = child(element, "extensionElements")
        if container is not None:
            for extension in container.iterchildren(etree.Element):
                self._take(extension, local_name(element))

    def assignment(self) -> Assignment | None:
        if not self._found.keys() & {"assignmentDefinition", "taskSchedule", "priorityDefinition"}:
            return self._older.assignment()
        return Assignment(
            assignee=self._attribute("assignmentDefinition", "assignee"),
            candidate_users=self._attribute("assignmentDefinition", "candidateUsers"),
            candidate_groups=self._attribute("assignmentDefinition", "candidateGroups"),
            due=self._attribute("taskSchedule", "dueDate"),
            follow_up=self._attribute("taskSchedule", "followUpDate"),
            priority=self._attribute("priorityDefinition", "priority"),
        )

    def form(self) -> Reference | None:
        return self._reference("formDefinition", "formId") or self._built_in_form() or self._older.form()

    def _built_in_form(self) -> Reference | None:
        """A form that the process holds itself and that is named by its key."""
        key = self._attribute("formDefinition", "formKey")
        if key is None:
            return None
        name = key.removeprefix("camunda-forms:bpmn:")
        texts = [text for text in self._element.iterancestors() for text in text.iterfind(_FORM_TEXT)]
        found = next((text for text in texts if text.get("id") == name != key), None)
        form = None if found is None else built_in_forms.from_text(self._element, name, text_of(found))
        if form is None:
            self._reading.note("zeebe:formDefinition/@formKey", self._found["formDefinition"], self._owner)
            return None
        self._reading.forms[form.id] = form
        return Reference(form.id)

    def service(self) -> Service | None:
        if "taskDefinition" not in self._found:
            return self._older.service()
        headers = self._nested("taskHeaders", "header")
        return Service(
            type=self._attribute("taskDefinition", "type") or "",
            retries=self._attribute("taskDefinition", "retries") or "3",
            headers=tuple((header.get("key", ""), header.get("value", "")) for header in headers),
        )

    def script(self) -> Script | None:
        if "script" not in self._found:
            return None
        return Script(
            expression=self._attribute("script", "expression") or "",
            result_variable=self._attribute("script", "resultVariable") or "",
        )

    def decision(self) -> CalledDecision | None:
        if "calledDecision" not in self._found:
            return self._older.decision()
        return CalledDecision(
            decision=self._reference("calledDecision", "decisionId") or Reference(""),
            result_variable=self._attribute("calledDecision", "resultVariable") or "",
        )

    def call(self, called: str) -> CalledProcess | None:
        """The process called; BPMN's own attribute names it when no extension does, and then all variables travel."""
        if "calledElement" not in self._found and called:
            return self._older.call(called) or CalledProcess(Reference(reference(called)))
        if "calledElement" not in self._found:
            return None
        return CalledProcess(
            process=self._reference("calledElement", "processId") or Reference(""),
            propagate_parent=self._attribute("calledElement", "propagateAllParentVariables") != "false",
            propagate_child=self._attribute("calledElement", "propagateAllChildVariables") != "false",
        )

    def inputs(self) -> tuple[Mapping, ...]:
        return self._mappings("input") or self._older.inputs()

    def outputs(self) -> tuple[Mapping, ...]:
        return self._mappings("output") or self._older.outputs()

    def keeps_results(self) -> bool:
        return not self._mappings("output") and self._older.keeps_results()

    def properties(self) -> dict[str, str]:
        entries = self._nested("properties", "property")
        found = {entry.get("name", "").strip(): entry.get("value", "").strip() for entry in entries}
        return self._older.properties() | found

    def correlation_key(self) -> str | None:
        return self._attribute("subscription", "correlationKey")

    def version_tag(self) -> str | None:
        return self._attribute("versionTag", "value") or self._older.version_tag()

    def loop(self, name: str) -> str | None:
        """An attribute of the multi-instance extension, such as `inputCollection`."""
        return self._attribute("loopCharacteristics", name) or self._older.loop(name)

    def _attribute(self, extension: str, name: str) -> str | None:
        found = self._found.get(extension)
        return None if found is None else found.get(name, "").strip() or None

    def _nested(self, extension: str, name: str) -> list[etree._Element]:
        found = self._found.get(extension)
        return [] if found is None else list(found.iterchildren(f"{{{ZEEBE}}}{name}"))

    def _mappings(self, name: str) -> tuple[Mapping, ...]:
        return tuple(
            Mapping(entry.get("source", "").strip(), entry.get("target", "").strip())
            for entry in self._nested("ioMapping", name)
        )

    def _reference(self, extension: str, attribute: str) -> Reference | None:
        named = self._attribute(extension, attribute)
        if named is None:
            return None
        version_tag = self._attribute(extension, "versionTag")
        match self._attribute(extension, "bindingType"):
            case "deployment":
                return Reference(named, "deployment")
            case "versionTag":
                return Reference(named, "versionTag", version_tag)
            case None | "latest":
                return Reference(named)
            case _:
                self._reading.note(f"zeebe:{extension}/@bindingType", self._found[extension], self._owner)
                return Reference(named)

    def _take(self, extension: etree._Element, kind: str) -> None:
        namespace, name = etree.QName(extension).namespace, local_name(extension)
        if namespace != ZEEBE:
            return
        known = _ELEMENTS.get(name)
        if known is None or known.kinds.isdisjoint({kind, "*"}) or (name in self._found and name != "userTaskForm"):
            self._reading.note(f"zeebe:{name}", extension, self._owner)
            return
        self._found[name] = extension
        for attribute in sorted(map(str, set(extension.attrib) - known.attributes)):
            self._reading.note(f"zeebe:{name}/@{attribute}", extension, self._owner)

    def _note_attributes(self, element: etree._Element) -> None:
        for qualified in element.attrib:
            name = etree.QName(qualified)
            if name.namespace == ZEEBE and name.localname not in _TEMPLATE_ATTRIBUTES:
                self._reading.note(f"zeebe:@{name.localname}", element, self._owner)
