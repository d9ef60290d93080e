"""A form-js schema read into a Form, all its problems found at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine import plain
from engine.errors import Invalid, Problem
from engine.forms import components
from engine.forms.component_reading import ComponentReader
from engine.forms.components import Component, Path
from engine.forms.form import Form

MAX_BYTES = 1_000_000
MAX_COMPONENTS = 1_000
MAX_DEPTH = 12


def parse(content: bytes, resource: str) -> Form:
    """Read a form. Raises Invalid with all problems, each with the component's id and the line of it."""
    schema = _json(content, resource)
    reader = _Reader(resource, content.decode("utf-8", "replace"))
    form_id = schema.get("id")
    if not isinstance(form_id, str) or not form_id:
        reader.blame("The form has no id; give it one, by which a diagram can name it.")
    if schema.get("type") != "default":
        reader.blame("The file is not a form: its type is '{type}', not 'default'.", type=schema.get("type"))
    schema["components"], tree = reader.components(schema.get("components"), 0)
    reader.check_paths(tree)
    if reader.problems:
        raise Invalid(
            "Expected to read the form '{resource}', but {count} things in it are wrong.",
            problems=reader.problems,
            resource=resource,
            count=len(reader.problems),
        )
    name = schema.get("name")
    return Form(
        id=str(form_id),
        name=name if isinstance(name, str) and name else _title(tree) or str(form_id),
        schema=schema,
        components=tree,
        resource=resource,
    )


def _json(content: bytes, resource: str) -> dict[str, Any]:
    fault: tuple[str, dict[str, Any]] | None = None
    line = None
    schema: Any = None
    if len(content) > MAX_BYTES:
        fault = ("The form is larger than {limit} bytes.", {"limit": MAX_BYTES})
    else:
        try:
            schema = plain.loads(content)
        except RecursionError:
            fault = ("The form is nested too deeply.", {})
        except ValueError as error:
            line = getattr(error, "lineno", None)
            fault = ("The file is not valid JSON: {reason}.", {"reason": getattr(error, "msg", str(error))})
        if fault is None and not isinstance(schema, dict):
            fault = ("The file is not a form: it holds no JSON object.", {})
    if fault is not None:
        template, named = fault
        problem = Problem(template, named, resource=resource, line=line)
        sentence = "Expected to read the form '{resource}', but it is broken."
        raise Invalid(sentence, problems=[problem], resource=resource)
    found: dict[str, Any] = schema
    return found


def _title(tree: tuple[Component, ...]) -> str:
    """The first heading of the form, as a name for a form that has none."""
    for component, _ in components.every(tree):
        text = component.schema.get("text")
        if component.type == "text" and isinstance(text, str) and text.startswith("#") and "{{" not in text:
            return text.lstrip("#").split("\n", 1)[0].strip()
    return ""


class _Reader:
    """Collects the problems of a schema while its components are read."""

    def __init__(self, resource: str, text: str) -> None:
        self.resource = resource
        self.text = text
        self.problems: list[Problem] = []
        self.ids: set[str] = set()
        self.count = 0

    def blame(self, template: str, component_id: str | None = None, **named: Any) -> None:
        line = None
        if component_id is not None:
            place = self.text.find(json.dumps(component_id, ensure_ascii=False))
            line = self.text.count("\n", 0, place) + 1 if place >= 0 else None
        self.problems.append(
            Problem(template, named, resource=self.resource, line=line, element_id=component_id, rule="form")
        )

    def components(self, listed: Any, depth: int) -> tuple[list[Any], tuple[Component, ...]]:
        """The components of a form or container: their schemas, each with an id, and what the server makes of them."""
        if not isinstance(listed, list):
            self.blame("The form has no list of components.")
            return [], ()
        if depth > MAX_DEPTH:
            self.blame("Groups lie more than {limit} levels deep.", limit=MAX_DEPTH)
            return [], ()
        schemas: list[Any] = []
        tree: list[Component] = []
        for schema in listed:
            self.count += 1
            if self.count > MAX_COMPONENTS:
                if self.count == MAX_COMPONENTS + 1:
                    self.blame("The form has more than {limit} components.", limit=MAX_COMPONENTS)
                break
            if not isinstance(schema, dict):
                self.blame("Component {number} of the form is not an object.", number=self.count)
                continue
            component = self._component(schema, depth)
            schemas.append(component.schema)
            tree.append(component)
        return schemas, tuple(tree)

    def _component(self, schema: dict[str, Any], depth: int) -> Component:
        component_id = self._id(schema)
        schema = {**schema, "id": component_id}
        kind = schema.get("type")
        if not isinstance(kind, str) or kind not in components.FIELDS | components.CONTAINERS | components.DISPLAYS:
            self.blame("Component type '{type}' is not known.", component_id, type=kind)
            return Component(component_id, "text", (), schema)
        children: tuple[Component, ...] = ()
        if kind in components.CONTAINERS:
            schema["components"], children = self.components(schema.get("components", []), depth + 1)
        for name in ("validate", "conditional", "appearance"):
            if not isinstance(schema.get(name, {}), dict):
                self.blame("'{property}' must be an object.", component_id, property=name)
                schema.pop(name)
        return ComponentReader(self.blame, component_id, kind, schema).read(children)

    def _id(self, schema: Mapping[str, Any]) -> str:
        found = schema.get("id")
        if found is None:
            found = f"Field_{self.count}"  # form-js gives one too, a different one each time
        if not isinstance(found, str) or not found or len(found) > 200:
            self.blame("Component {number} of the form has an id that is no text.", number=self.count)
            return f"Field_{self.count}"
        if found in self.ids:
            self.blame("Two components have the id '{id}'.", found, id=found)
        self.ids.add(found)
        return found

    def check_paths(self, tree: tuple[Component, ...]) -> None:
        """Two fields must not keep their values in one place, nor one inside of the other."""
        closed: dict[Path, str] = {}
        opened: dict[Path, str] = {}
        for component, path in components.every(tree):
            if not path or not (component.is_field or component.is_list):
                continue
            taken = next((closed[path[:end]] for end in range(1, len(path) + 1) if path[:end] in closed), None)
            taken = taken or opened.get(path)
            if taken is not None:
                self.blame(
                    "'{key}' is set by another component too, '{other}'; give one of them another key.",
                    component.id,
                    key=".".join(path),
                    other=taken,
                )
            for end in range(1, len(path)):
                opened.setdefault(path[:end], component.id)
            if component.is_field:
                closed[path] = component.id
