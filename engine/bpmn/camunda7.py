"""What Camunda 7 and its relatives write, as far as it has an equivalent here; the rest is noted as unread."""

from __future__ import annotations

import re

from lxml import etree

from engine.bpmn import built_in_forms
from engine.bpmn.documents import child, local_name
from engine.bpmn.elements import Assignment, CalledDecision, CalledProcess, Mapping, Reference, Service
from engine.bpmn.juel import is_juel, list_to_feel, quoted, to_feel, value_to_feel
from engine.bpmn.reading import Reading

RELATIVES = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://activiti.org/bpmn": "activiti",
    "http://flowable.org/bpmn": "flowable",
}
OTHERS = {
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "spiffworkflow",
    "http://www.jboss.org/drools": "drools",
}
"""Namespaces that speak of execution too, and of which nothing is read."""

_FORM = "formRef formRefBinding"
_EXTERNAL = "type topic"
_ATTRIBUTES = {
    "userTask": f"assignee candidateUsers candidateGroups dueDate followUpDate priority {_FORM}",
    "startEvent": _FORM,
    "serviceTask": _EXTERNAL,
    "sendTask": _EXTERNAL,
    "businessRuleTask": f"decisionRef decisionRefBinding resultVariable mapDecisionResult {_EXTERNAL}",
    "callActivity": "calledElementBinding calledElementVersionTag",
    "multiInstanceLoopCharacteristics": "collection elementVariable",
    "process": "versionTag candidateStarterGroups candidateStarterUsers",
}
_WITH_FORMS = frozenset({"userTask", "startEvent"})
_WITHOUT_MEANING_HERE = frozenset(
    {
        "asyncBefore", "asyncAfter", "async", "exclusive", "jobPriority", "taskPriority", "historyTimeToLive",
        "isStartableInTasklist", "diagramRelationId", "modelerTemplate", "modelerTemplateVersion",
        "modelerTemplateIcon",
    }
)  # fmt: skip
"""How an engine stores and schedules a case, and notes of drawing tools: nothing that people see changes by them."""

_NOTES = frozenset({"metaData", "import", "dtype", "version", "packageName", "msgref", "erefname"})
"""What the tools of jBPM note about types and drawing."""
_USUAL = frozenset({("adHoc", "false"), ("waitForCompletion", "true"), ("priority", "1")})
"""Attributes of jBPM that change nothing with this value."""

_PLAIN_RESULTS = frozenset({"singleEntry", "singleResult", "collectEntries"})
"""The shapes of a decision's result that are the ones it has here."""

_DURATION = re.compile(r"P[0-9YMWDTHS.]+")


class Camunda7:
    """What the attributes and extension elements of one BPMN element say in these dialects."""

    def __init__(self, element: etree._Element, reading: Reading, owner: str) -> None:
        self._element = element
        self._reading = reading
        self._owner = owner
        self._kind = local_name(element)
        self._attributes = self._take_attributes()
        self._extensions = self._take_extensions()

    def assignment(self) -> Assignment | None:
        read = Assignment(
            assignee=self._text("assignee"),
            candidate_users=self._list("candidateUsers"),
            candidate_groups=self._list("candidateGroups"),
            due=self._moment("dueDate"),
            follow_up=self._moment("followUpDate"),
            priority=self._text("priority"),
        )
        return None if read == Assignment() else read

    def form(self) -> Reference | None:
        """The form that is named or, without one, made of the fields that the diagram lists."""
        named = self._text("formRef")
        if named is not None:
            return self._bound(named, "formRefBinding")
        fields = self._form_fields()
        if not fields:
            return None
        form = built_in_forms.from_fields(self._element, fields, self._note)
        self._reading.forms[form.id] = form
        return Reference(form.id)

    def _form_fields(self) -> list[etree._Element]:
        built_in = (field for extension in self._named("formData") for field in extension.iterchildren(etree.Element))
        return [*built_in, *self._named("formProperty")]

    def service(self) -> Service | None:
        """An external task; its topic is the type of service."""
        topic = self._text("topic") if self._attributes.get("type") == "external" else None
        return None if topic is None else Service(topic)

    def decision(self) -> CalledDecision | None:
        named = self._text("decisionRef")
        if named is None:
            return None
        shape = self._attributes.get("mapDecisionResult", "resultList")
        if shape not in _PLAIN_RESULTS:
            self._note(f"@mapDecisionResult={shape}")
        return CalledDecision(self._bound(named, "decisionRefBinding"), self._text("resultVariable") or "")

    def call(self, called: str) -> CalledProcess | None:
        """The call of a process as these dialects mean it: only the variables that are listed travel."""
        if not self.is_spoken():
            return None
        process = self._bound(self._translated(called), "calledElementBinding", self._text("calledElementVersionTag"))
        return CalledProcess(process, self._passes_all("in"), self._passes_all("out"))

    def is_spoken(self) -> bool:
        """Whether the file is written in one of these dialects."""
        return not RELATIVES.keys().isdisjoint(filter(None, self._element.nsmap.values()))

    def inputs(self) -> tuple[Mapping, ...]:
        return self._parameters("inputParameter") + self._passed("in")

    def outputs(self) -> tuple[Mapping, ...]:
        return self._passed("out") + self._parameters("outputParameter")

    def keeps_results(self) -> bool:
        """Output parameters add to what an activity brings; what a called process brings is only what is listed."""
        return self._kind != "callActivity" and bool(self._parameters("outputParameter"))

    def properties(self) -> dict[str, str]:
        found = {
            entry.get("name", "").strip(): entry.get("value", "").strip()
            for extension in self._named("properties")
            for entry in extension.iterchildren(etree.Element)
        }
        starters = ("candidateStarterGroups", "candidateStarterUsers")
        return found | {name: self._attributes[name] for name in starters if name in self._attributes}

    def version_tag(self) -> str | None:
        return self._text("versionTag")

    def loop(self, name: str) -> str | None:
        """What the multi-instance extension of the newer dialect calls `inputCollection` or `inputElement`."""
        if name == "inputElement":
            return self._text("elementVariable")
        collection = self._attributes.get("collection") if name == "inputCollection" else None
        if not collection:
            return None
        return self._translated(collection) if is_juel(collection) else f"={collection}"

    def _take_attributes(self) -> dict[str, str]:
        known = frozenset(_ATTRIBUTES.get(self._kind, "").split())
        taken: dict[str, str] = {}
        built_in = self._has_fields()
        for qualified, value in self._element.attrib.items():
            name = etree.QName(qualified)
            if not value.strip() or (built_in and name.localname == "formKey"):
                continue
            if name.namespace in RELATIVES and (name.localname in known or _is_initiator(name.localname, value)):
                taken[name.localname] = str(value).strip()
            elif (name.namespace in RELATIVES and name.localname not in _WITHOUT_MEANING_HERE) or (
                name.namespace in OTHERS and name.localname not in _NOTES and (name.localname, value) not in _USUAL
            ):
                self._note(f"@{name.localname}", namespace=name.namespace)
        if "type" in taken and taken["type"] != "external":
            self._note("@type")
        return taken

    def _has_fields(self) -> bool:
        """Whether the fields of a form are listed: a key beside them names a page that showed them elsewhere."""
        container = child(self._element, "extensionElements")
        return container is not None and any(
            local_name(extension) in ("formData", "formProperty") for extension in container.iterchildren(etree.Element)
        )

    def _take_extensions(self) -> list[etree._Element]:
        container = child(self._element, "extensionElements")
        taken: list[etree._Element] = []
        for extension in () if container is None else container.iterchildren(etree.Element):
            namespace = etree.QName(extension).namespace
            if namespace in RELATIVES and self._is_read(extension):
                taken.append(extension)
            elif namespace in RELATIVES or (namespace in OTHERS and local_name(extension) not in _NOTES):
                self._note(local_name(extension), namespace=namespace)
        return taken

    def _is_read(self, extension: etree._Element) -> bool:
        match local_name(extension):
            case "properties":
                return True
            case "formData":
                return self._kind in _WITH_FORMS and not extension.get("businessKey")
            case "formProperty":
                return self._kind in _WITH_FORMS
            case "inputOutput":
                return all(_value_of(parameter) is not None for parameter in extension.iterchildren(etree.Element))
            case "in" | "out":
                return self._kind == "callActivity" and not extension.get("local")
        return False

    def _named(self, name: str) -> list[etree._Element]:
        return [extension for extension in self._extensions if local_name(extension) == name]

    def _parameters(self, name: str) -> tuple[Mapping, ...]:
        return tuple(
            Mapping(_value_of(parameter) or "", parameter.get("name", "").strip())
            for extension in self._named("inputOutput")
            for parameter in extension.iterchildren(etree.Element)
            if local_name(parameter) == name
        )

    def _passed(self, name: str) -> tuple[Mapping, ...]:
        """The variables that a call activity hands over or takes back one by one."""
        mappings: list[Mapping] = []
        for extension in self._named(name):
            target = extension.get("target", "").strip()
            if extension.get("source"):
                mappings.append(Mapping(f"={extension.get('source', '').strip()}", target))
            elif extension.get("sourceExpression"):
                mappings.append(Mapping(self._translated(extension.get("sourceExpression", "").strip()), target))
            elif extension.get("businessKey", _OWN_KEY) != _OWN_KEY:
                self._note("in businessKey")
        return tuple(mappings)

    def _passes_all(self, name: str) -> bool:
        return any(extension.get("variables") == "all" for extension in self._named(name))

    def _bound(self, named: str, attribute: str, version_tag: str | None = None) -> Reference:
        match self._attributes.get(attribute, "latest"):
            case "latest":
                return Reference(named)
            case "deployment":
                return Reference(named, "deployment")
            case "versionTag" if version_tag:
                return Reference(named, "versionTag", version_tag)
            case binding:
                self._note(f"@{attribute}={binding}")
                return Reference(named)

    def _text(self, name: str) -> str | None:
        value = self._attributes.get(name)
        return self._translated(value) if value else None

    def _list(self, name: str) -> str | None:
        value = self._attributes.get(name)
        if not value or not is_juel(value):
            return value or None
        return list_to_feel(value) or value

    def _moment(self, name: str) -> str | None:
        """A due date; a duration counts from when the task begins."""
        value = self._text(name)
        return f'=now() + duration("{value}")' if value and _DURATION.fullmatch(value) else value

    def _translated(self, text: str) -> str:
        """FEEL where there is an equivalent; else the text as it is, which the rules then name."""
        return (to_feel(text) or text) if is_juel(text) else text

    def _note(self, what: str, namespace: str | None = None) -> None:
        self._reading.note(f"{self._prefix(namespace)}:{what}", self._element, self._owner)

    def _prefix(self, namespace: str | None) -> str:
        """The prefix that the file itself uses, since one product's tools also write the other's namespace."""
        names = RELATIVES | OTHERS
        for prefix, uri in self._element.nsmap.items():
            if prefix in names.values() and (uri == namespace or (namespace is None and uri in RELATIVES)):
                return str(prefix)
        return names.get(namespace or "", "camunda")


_OWN_KEY = "#{execution.processBusinessKey}"
"""Hands the case's own key on; here a called case knows its caller anyway."""


def _value_of(parameter: etree._Element) -> str | None:
    """What an input or output parameter is set to, which may be a list or a map; None when it is computed by a script.

    A text that has no equivalent stays as it is, and the rules then name it.
    """
    inner = next(parameter.iterchildren(etree.Element), None)
    if inner is None:
        text = (parameter.text or "").strip()
        return (to_feel(text) or text) if is_juel(text) else text
    entries = list(inner.iterchildren(etree.Element))
    values = [value_to_feel((entry.text or "").strip()) for entry in entries]
    plain = [
        value
        for entry, value in zip(entries, values, strict=True)
        if value is not None and local_name(entry) in ("value", "entry") and len(entry) == 0
    ]
    match local_name(inner):
        case "list" if len(plain) == len(entries):
            return f"=[{', '.join(plain)}]"
        case "map" if len(plain) == len(entries):
            pairs = (f"{quoted(entry.get('key', ''))}: {value}" for entry, value in zip(entries, plain, strict=True))
            return f"={{{', '.join(pairs)}}}"
    return None


def _is_initiator(name: str, value: str | bytes) -> bool:
    """`initiator` names the variable for who starts a case; the engine sets one of this name by itself."""
    return name == "initiator" and value == "initiator"
