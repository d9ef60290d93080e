"""Boxed expressions read from XML; what cannot be read becomes null with a reason, and a problem of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from engine import feel
from engine.dmn import boxed
from engine.dmn.documents import child, children, local_name, parts, text_in, text_of
from engine.dmn.findings import Findings
from engine.dmn.item_types import ItemTypes
from engine.dmn.running import Logic
from engine.feel.types import FunctionType, Type

BOXES = frozenset(
    "literalExpression context functionDefinition invocation list relation conditional filter for some every "
    "decisionTable".split()
)
_DEEPEST = 40


@dataclass(frozen=True)
class BoxReader:
    """Reads the boxes of one element of the graph, knowing the names that are in scope there."""

    findings: Findings
    types: ItemTypes
    names: frozenset[str]
    functions: frozenset[str]
    owner: str
    """The name of the decision or knowledge model, for sentences about it."""
    depth: int = 0

    def within(self, names: Iterable[str], functions: Iterable[str] = ()) -> BoxReader:
        """The reader for a box inside, where more names are in scope, some of them functions."""
        return replace(
            self,
            names=self.names.union(names, functions),
            functions=self.functions.union(functions),
            depth=self.depth + 1,
        )

    def told_names(self) -> tuple[str, ...]:
        """The names that FEEL must be told of: of several words, or functions, maybe named like built-in ones."""
        return tuple(sorted(name for name in self.names if name in self.functions or not name.isidentifier()))

    def box_in(self, element: etree._Element | None) -> Logic:
        """The one box directly below an element."""
        found = None if element is None else next((part for part in parts(element) if local_name(part) in BOXES), None)
        if found is None:
            return boxed.Missing("'{owner}' has an empty expression.", {"owner": self.owner})
        return self.box(found)

    def box(self, element: etree._Element) -> Logic:
        """Read any box, with the type of its result."""
        if self.depth > _DEEPEST:
            return self.refused("'{owner}' is nested too deeply.", element)
        logic = self._untyped(element)
        kind = self.kind(element)
        return (
            logic
            if kind is None or local_name(element) == "functionDefinition"
            else boxed.Typed(logic, kind, self.owner)
        )

    def kind(self, element: etree._Element | None) -> Type | None:
        """The type that an element's typeRef names; one that is not defined is told and not checked."""
        reference = None if element is None else element.get("typeRef")
        found = self.types.named(reference)
        if reference and found is None:
            template = "'{owner}' is to be of type '{type}', which is not defined."
            self.findings.add("unknown-type", template, element, severity="warning", owner=self.owner, type=reference)
        return found

    def _untyped(self, element: etree._Element) -> Logic:
        match local_name(element):
            case "literalExpression":
                return self.literal(element)
            case "context":
                return self._context(element)
            case "functionDefinition":
                return self.function(element, self.owner)
            case "invocation":
                return self._invocation(element)
            case "list":
                inner = self.within(())
                return boxed.ListBox(tuple(inner.box(part) for part in parts(element) if local_name(part) in BOXES))
            case "relation":
                return self._relation(element)
            case "conditional":
                inner = self.within(())
                return boxed.Conditional(*(inner.box_in(child(element, name)) for name in ("if", "then", "else")))
            case "filter":
                match = self.within(("item",)).box_in(child(element, "match"))
                return boxed.Filter(self.within(()).box_in(child(element, "in")), match)
            case "for":
                variable = element.get("iteratorVariable", "")
                returned = child(element, "return")
                result = self.within((variable, "partial")).box_in(returned)
                source = self.within(()).box_in(child(element, "in"))
                return boxed.For(variable, source, result, "partial" in text_of(returned))
            case "some" | "every" as quantifier:
                variable = element.get("iteratorVariable", "")
                condition = self.within((variable,)).box_in(child(element, "satisfies"))
                source = self.within(()).box_in(child(element, "in"))
                return boxed.Quantified(quantifier == "every", variable, source, condition)
            case _:
                from engine.dmn.table_reader import read_table  # tables hold boxes, and boxes hold tables

                return read_table(self.within(()), element)

    def literal(self, element: etree._Element) -> Logic:
        """A literal expression, or what an input looks at."""
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            return self.refused("'{owner}' is written in {language}; only FEEL is run.", element, language=language)
        if child(element, "importedValues") is not None:
            return self.refused("'{owner}' reads its values from another file, which is not supported.", element)
        text = text_in(element).removeprefix("=")
        return self.text(text, element)

    def text(self, text: str, element: etree._Element) -> Logic:
        """An expression given as text."""
        if not text:
            return boxed.Missing("'{owner}' has an empty expression.", {"owner": self.owner})
        try:
            return boxed.Text(feel.compile(text, self.told_names(), self.types_for(text)))
        except feel.FeelSyntaxError as error:
            template = "'{owner}' cannot be read at line {at}, column {column} of its text: {reason}"
            return self.refused(template, element, reason=error, at=error.line, column=error.column)

    def types_for(self, text: str) -> Mapping[str, Type] | None:
        """The model's own types, for a text that can name one; without them FEEL compiles a text only once."""
        return self.types.all() if "instance" in text or "function" in text else None

    def refused(self, template: str, element: etree._Element, rule: str = "feel", **values: object) -> boxed.Missing:
        """Tell the problem, and stand in for the expression."""
        named: dict[str, Any] = {"owner": self.owner, **values}
        self.findings.add(rule, template, element, severity="error", **named)
        return boxed.Missing(template, named)

    def _context(self, element: etree._Element) -> Logic:
        reader = self.within(())
        entries: list[tuple[str, Logic]] = []
        result: Logic | None = None
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable")
            if variable is None:
                result = reader.box_in(entry)
                continue
            name = variable.get("name", "").strip()
            is_function = child(entry, "functionDefinition") is not None
            # A function may call itself, so its own name is in scope.
            logic = reader.within((name,), (name,) if is_function else ()).box_in(entry)
            kind = reader.kind(variable)
            entries.append((name, logic if kind is None else boxed.Typed(logic, kind, name)))
            reader = replace(reader.within((name,), (name,) if is_function else ()), depth=reader.depth)
        return boxed.Context(tuple(entries), result)

    def _relation(self, element: etree._Element) -> Logic:
        inner = self.within(())
        columns = list(children(element, "column"))
        names = tuple(column.get("name", "") for column in columns)
        kinds = [inner.kind(column) for column in columns]
        rows: list[tuple[Logic, ...]] = []
        for row in children(element, "row"):
            cells = [inner.box(part) for part in parts(row) if local_name(part) in BOXES]
            if len(cells) != len(names):
                return self.refused("A row of '{owner}' has more or fewer cells than there are columns.", row)
            rows.append(
                tuple(
                    cell if kind is None else boxed.Typed(cell, kind, name)
                    for cell, kind, name in zip(cells, kinds, names, strict=True)
                )
            )
        return boxed.Relation(names, tuple(rows))

    def _invocation(self, element: etree._Element) -> Logic:
        inner = self.within(())
        called = next((part for part in parts(element) if local_name(part) in BOXES), None)
        if called is None:
            return self.refused("'{owner}' calls nothing.", element)
        bindings: list[tuple[str, Logic]] = []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            name = "" if parameter is None else parameter.get("name", "")
            logic, kind = inner.box_in(binding), inner.kind(parameter)
            bindings.append((name, logic if kind is None else boxed.Typed(logic, kind, name)))
        return boxed.Invocation(inner.box(called), text_in(called), tuple(bindings))

    def function(self, element: etree._Element, name: str, result: Type | None = None) -> Logic:
        """A function definition, or the encapsulated logic of a knowledge model."""
        if element.get("kind", "FEEL") != "FEEL":
            return self.refused(
                "'{owner}' is a function in {kind}; only FEEL is run.", element, kind=element.get("kind")
            )
        parameters = list(children(element, "formalParameter"))
        names = tuple(parameter.get("name", "") for parameter in parameters)
        types = tuple(map(self.kind, parameters))
        called = [each for each, kind in zip(names, types, strict=True) if isinstance(kind, FunctionType)]
        inner = self.within(names, called)
        return boxed.FunctionBox(
            name=name,
            parameters=names,
            types=types,
            body=inner.box_in(element),
            result=result or self.types.named(element.get("typeRef")),
        )
