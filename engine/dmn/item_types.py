"""Item definitions: the types a model defines for itself, on top of FEEL's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine import feel
from engine.dmn.documents import child, children, text_in, text_of
from engine.feel.types import ANY, NAMED, NUMBER, ContextType, FunctionType, ListType, Type

_OTHER_NAMES = {"integer": NUMBER, "long": NUMBER, "double": NUMBER, "decimal": NUMBER, "": ANY, "feel.Any": ANY}
"""What older tools call FEEL's types."""


class Constrained(Type):
    """A type of which only some values are allowed."""

    def __init__(self, name: str, base: Type, allowed: feel.UnaryTests) -> None:
        self.name = name
        self.base = base
        self.allowed = allowed

    def accepts(self, value: Any) -> bool:
        return self.base.accepts(value) and self.allowed.matches(value, {}) is True

    def conforms_to(self, other: Type) -> bool:
        return other is self or self.base.conforms_to(other)


class ConstrainedList(ListType):
    """A list type of which only some lists are allowed."""

    def __init__(self, item: Type, allowed: feel.UnaryTests) -> None:
        super().__init__(item)
        self.allowed = allowed

    def accepts(self, value: Any) -> bool:
        return super().accepts(value) and self.allowed.matches(value, {}) is True


class Reference(Type):
    """A type used inside of its own definition."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.target: Type = ANY

    def accepts(self, value: Any) -> bool:
        return self.target.accepts(value)

    def conforms_to(self, other: Type) -> bool:
        return other is self or other is ANY or other.name == self.name


@dataclass(frozen=True)
class Fault:
    """Something wrong in an item definition."""

    template: str
    values: Mapping[str, Any]
    element: etree._Element


@dataclass
class ItemTypes:
    """All types of a model by name; an imported model's types carry its name and a dot before their own."""

    imported: Mapping[str, Type] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _elements: dict[str, etree._Element] = field(default_factory=dict)
    _found: dict[str, Type] = field(default_factory=dict)
    _open: dict[str, Reference] = field(default_factory=dict)

    @classmethod
    def read(cls, definitions: etree._Element, imported: Mapping[str, Type]) -> ItemTypes:
        types = cls(imported)
        for element in children(definitions, "itemDefinition"):
            types._elements.setdefault(element.get("name", ""), element)
        for name in types._elements:
            types.named(name)
        return types

    def __iter__(self) -> Iterator[tuple[str, Type]]:
        yield from self._found.items()

    def all(self) -> dict[str, Type]:
        """The types that an expression of the model can name."""
        return {**NAMED, **self.imported, **self._found}

    def component_names(self) -> set[str]:
        """The names of the parts of contexts."""
        return {
            part.get("name", "")
            for element in self._elements.values()
            for part in element.iter(f"{{{etree.QName(element).namespace}}}itemComponent")
        }

    def named(self, reference: str | None) -> Type | None:
        """The type that a typeRef names; None for no reference, or one that nobody defined."""
        if reference is None or not reference.strip():
            return None
        whole = reference.strip()
        for name in (whole, whole.rpartition(":")[2]):
            if name in self._found:
                return self._found[name]
            if name in self._open:
                return self._open[name]
            if name in self._elements:
                return self._define(name)
            known = self.imported.get(name) or NAMED.get(name) or _OTHER_NAMES.get(name)
            if known is not None:
                return known
        return None

    def _define(self, name: str) -> Type:
        reference = self._open[name] = Reference(name)
        found = self._read(self._elements[name], name, 0)
        del self._open[name]
        if found is reference:
            element = self._elements[name]
            self.faults.append(Fault("The type '{type}' is defined by itself.", {"type": name}, element))
            found = ANY
        reference.target = self._found[name] = found
        return found

    def _read(self, element: etree._Element, name: str, depth: int) -> Type:
        if depth > 20:
            self.faults.append(Fault("The type '{type}' is nested too deeply.", {"type": name}, element))
            return ANY
        base = self._base(element, name, depth)
        allowed = self._allowed(element, "allowedValues", name)
        if allowed is not None:
            base = Constrained(name, base, allowed)
        if element.get("isCollection") != "true":
            constraint = self._allowed(element, "typeConstraint", name)
            if constraint is None:
                return base
            if isinstance(base, ListType):
                return ConstrainedList(base.item, constraint)
            return Constrained(name, base, constraint)
        constraint = self._allowed(element, "typeConstraint", name)
        return ListType(base) if constraint is None else ConstrainedList(base, constraint)

    def _base(self, element: etree._Element, name: str, depth: int) -> Type:
        components: Sequence[etree._Element] = list(children(element, "itemComponent"))
        if components:
            return ContextType(
                {part.get("name", ""): self._read(part, part.get("name", ""), depth + 1) for part in components}, name
            )
        function = child(element, "functionItem")
        if function is not None:
            parameters = [self.named(each.get("typeRef")) or ANY for each in children(function, "parameters")]
            return FunctionType(parameters, self.named(function.get("outputTypeRef")) or ANY)
        reference = text_of(child(element, "typeRef")) or element.get("typeRef")
        found = self.named(reference)
        if found is None and reference:
            self.faults.append(
                Fault("The type '{type}' builds on '{base}', which is not defined.", _named(name, reference), element)
            )
        return found or ANY

    def _allowed(self, element: etree._Element, tag: str, name: str) -> feel.UnaryTests | None:
        text = text_in(child(element, tag))
        if not text:
            return None
        try:
            return feel.compile_unary_tests(text)
        except feel.FeelSyntaxError as error:
            template = "The allowed values of type '{type}' cannot be read: {reason}"
            self.faults.append(Fault(template, {"type": name, "reason": str(error)}, element))
            return None


def _named(name: str, base: str) -> dict[str, Any]:
    return {"type": name, "base": base}
