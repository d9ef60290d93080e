"""A DMN file read into a decision model, all its problems found at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from engine.dmn import boxed
from engine.dmn.boxed_reader import BOXES, BoxReader
from engine.dmn.documents import child, children, local_name, parts, read_document, text_of
from engine.dmn.findings import Findings
from engine.dmn.graph import Decision, DecisionService, Element, Graph, InputData, Key, KnowledgeModel, Requirement
from engine.dmn.item_types import ItemTypes
from engine.dmn.model import DecisionModel
from engine.dmn.running import Logic
from engine.dmn.wording import texts
from engine.errors import Refused
from engine.feel.types import Type
from engine.xml_files import line_of

MAX_CHAIN = 100
"""Decisions that may require one another in a row."""

Find = Callable[[str, str], DecisionModel | None]
"""Finds the model that another one imports, by namespace and by the file's name, which may be empty.

Raises Refused to say why there is none."""


def parse(xml: bytes, resource: str, find: Find | None = None) -> DecisionModel:
    """Read a DMN file. Raises Invalid when it is no readable XML or no DMN; `check()` tells what else is wrong."""
    definitions = read_document(xml, resource)
    return _ModelReader(definitions, resource, find or (lambda namespace, location: None)).read()


_ELEMENTS = ("inputData", "decision", "businessKnowledgeModel", "decisionService")


class _ModelReader:
    """Reads one file: imports and types first, then the elements of the graph, then the logic of each."""

    def __init__(self, definitions: etree._Element, resource: str, find: Find) -> None:
        self.definitions = definitions
        self.resource = resource
        self.namespace = definitions.get("namespace", "")
        self.findings = Findings(resource)
        self.imports = dict(self._imports(find))
        self.types = ItemTypes.read(definitions, self._imported_types())
        self.xml = dict(self._elements())
        self.names = {key: element.get("name", "").strip() for key, element in self.xml.items()}
        for model in self.imports.values():
            self.names.update({key: element.name for key, element in model.graph.elements.items()})

    def read(self) -> DecisionModel:
        elements: dict[Key, Element] = {}
        for model in self.imports.values():
            elements.update(model.graph.elements)
        elements.update((key, self._element(key, element)) for key, element in self.xml.items())
        for fault in self.types.faults:
            self.findings.add("unknown-type", fault.template, fault.element, severity="warning", **fault.values)
        if not self.xml and not dict(self.types):
            self.findings.add("no-decision", "The file has no decision.", self.definitions)
        self._check_graph(elements)
        declared = frozenset(name for element in elements.values() for name in (element.name, *element.aliases))
        own = [elements[key] for key in self.xml]
        return DecisionModel(
            id=self.definitions.get("id", ""),
            name=self.definitions.get("name", ""),
            namespace=self.namespace,
            resource=self.resource,
            graph=Graph(elements, declared),
            decisions={each.id: each for each in own if isinstance(each, Decision)},
            services={each.id: each for each in own if isinstance(each, DecisionService)},
            types=self.types,
            wording=tuple(dict.fromkeys(texts(self.definitions))),
            problems=tuple(self.findings.problems),
        )

    def _imports(self, find: Find) -> Iterator[tuple[str, DecisionModel]]:
        for element in children(self.definitions, "import"):
            if "/DMN/" not in element.get("importType", "/DMN/"):
                continue
            namespace, location = element.get("namespace", ""), element.get("locationURI", "")
            try:
                model = find(namespace, location)
            except Refused as refused:
                self.findings.add("import", refused.template, element, **refused.values)
                continue
            if model is None:
                template = "The model imports '{namespace}', which is not at hand."
                self.findings.add("import", template, element, namespace=namespace or location)
                continue
            yield element.get("name", "").strip(), model

    def _imported_types(self) -> Mapping[str, Type]:
        return {
            f"{name}.{type_name}" if name else type_name: kind
            for name, model in self.imports.items()
            for type_name, kind in model.types
        }

    def _elements(self) -> Iterator[tuple[Key, etree._Element]]:
        seen: set[str] = set()
        for element in parts(self.definitions):
            if local_name(element) not in _ELEMENTS:
                continue
            name = element.get("name", "").strip()
            element_id = element.get("id") or name
            if not name or not element_id:
                self.findings.add("missing-name", "A {kind} has no name.", element, kind=local_name(element))
                continue
            if element_id in seen:
                self.findings.add("duplicate-id", "The id '{id}' is given twice.", element, id=element_id)
                continue
            seen.add(element_id)
            yield (self.namespace, element_id), element

    def _element(self, key: Key, element: etree._Element) -> Element:
        match local_name(element):
            case "inputData":
                kind = self._reader(key).kind(child(element, "variable"))
                return InputData(key, key[1], self.names[key], kind, aliases=self._aliases(key), line=line_of(element))
            case "decision":
                return self._decision(key, element)
            case "businessKnowledgeModel":
                return self._knowledge_model(key, element)
            case _:
                return self._service(key, element)

    def _aliases(self, key: Key) -> tuple[str, ...]:
        variable = child(self.xml[key], "variable")
        found = ("" if variable is None else variable.get("name", "").strip(), key[1])
        return tuple(alias for alias in found if alias and alias != self.names[key])

    def _decision(self, key: Key, element: etree._Element) -> Decision:
        needs = self._requirements(element, "informationRequirement", "requiredInput", "requiredDecision")
        requirements = (*needs, *self._requirements(element, "knowledgeRequirement", "requiredKnowledge"))
        reader = self._reader(key, requirements)
        box = next((part for part in parts(element) if local_name(part) in BOXES), None)
        logic: Logic
        if box is None:
            logic = boxed.Missing("The decision '{owner}' has no logic.", {"owner": reader.owner})
            self.findings.add(
                "no-logic", "The decision '{owner}' has no logic.", element, severity="warning", owner=reader.owner
            )
        else:
            logic = reader.box(box)
        return Decision(
            key,
            key[1],
            self.names[key],
            "" if box is None else local_name(box),
            logic,
            reader.kind(child(element, "variable")),
            tuple(self.names[need.key] for need in needs if need.key in self.names),
            text_of(child(element, "question")),
            text_of(child(element, "description")),
            aliases=self._aliases(key),
            requirements=requirements,
            line=line_of(element),
        )

    def _knowledge_model(self, key: Key, element: etree._Element) -> KnowledgeModel:
        requirements = self._requirements(element, "knowledgeRequirement", "requiredKnowledge")
        reader = self._reader(key, requirements).within((), (self.names[key],))
        encapsulated = child(element, "encapsulatedLogic")
        logic: Logic
        if encapsulated is None:
            logic = boxed.Missing("The knowledge model '{owner}' has no logic.", {"owner": reader.owner})
        else:
            logic = reader.function(encapsulated, self.names[key])
        kind = self._result_type(reader.kind(child(element, "variable")))
        return KnowledgeModel(
            key,
            key[1],
            self.names[key],
            logic,
            kind,
            aliases=self._aliases(key),
            requirements=requirements,
            line=line_of(element),
        )

    @staticmethod
    def _result_type(kind: Type | None) -> Type | None:
        """The type of what a function gives: its variable's type, or what that says of a function's result."""
        return getattr(kind, "result", kind)

    def _service(self, key: Key, element: etree._Element) -> DecisionService:
        def keys(name: str) -> tuple[Key, ...]:
            return tuple(self._key(each) for each in children(element, name))

        reader = self._reader(key)
        return DecisionService(
            key,
            key[1],
            self.names[key],
            inputs=(*keys("inputDecision"), *keys("inputData")),
            outputs=keys("outputDecision"),
            type=self._result_type(reader.kind(child(element, "variable"))),
            aliases=self._aliases(key),
            line=line_of(element),
        )

    def _requirements(self, element: etree._Element, group: str, *names: str) -> tuple[Requirement, ...]:
        is_knowledge = group == "knowledgeRequirement"
        return tuple(
            self._requirement(each, is_knowledge)
            for arrow in children(element, group)
            for name in names
            for each in children(arrow, name)
        )

    def _requirement(self, element: etree._Element, is_knowledge: bool) -> Requirement:
        key = self._key(element)
        if key not in self.names:
            template = "A requirement points to '{id}', which is not in the model."
            self.findings.add("unknown-requirement", template, element, id=element.get("href", ""))
        through = next((name for name, model in self.imports.items() if key in model.graph.elements), "")
        return Requirement(key, through if key not in self.xml else "", is_knowledge)

    def _key(self, element: etree._Element) -> Key:
        namespace, _, element_id = element.get("href", "").strip().rpartition("#")
        return namespace or self.namespace, element_id

    def _reader(self, key: Key, requirements: tuple[Requirement, ...] = ()) -> BoxReader:
        names = {self.names[need.key] for need in requirements if need.key in self.names}
        names |= {need.through for need in requirements if need.through}
        names |= {alias for need in requirements if need.key in self.xml for alias in self._aliases(need.key)}
        names |= {name for name in self.types.component_names() if name}
        functions = {self.names[need.key] for need in requirements if need.key in self.names and need.is_knowledge}
        return BoxReader(self.findings, self.types, frozenset(names), frozenset(functions), self.names[key])

    def _check_graph(self, elements: Mapping[Key, Element]) -> None:
        """No decision may require itself, nor stand on too long a chain of others."""
        depth: dict[Key, int] = {}
        for start in self.xml:
            stack: list[tuple[Key, bool]] = [(start, False)]
            path: set[Key] = set()
            while stack:
                key, is_done = stack.pop()
                element = elements.get(key)
                if element is None or (key in depth and not is_done):
                    continue
                needs = [need.key for need in element.requirements]
                if is_done:
                    path.discard(key)
                    depth[key] = 1 + max((depth.get(need, 0) for need in needs), default=0)
                    continue
                if key in path:
                    continue
                path.add(key)
                stack.append((key, True))
                for need in needs:
                    if need in path and isinstance(element, Decision):
                        template = "The decision '{name}' requires itself, by way of '{other}'."
                        other = elements[need].name
                        self.findings.add("cycle", template, self.xml.get(key), name=element.name, other=other)
                    elif need not in path:
                        stack.append((need, False))
        if any(count > MAX_CHAIN for count in depth.values()):
            template = "More than {limit} decisions require one another in a row."
            self.findings.add("chain", template, self.definitions, limit=MAX_CHAIN)
