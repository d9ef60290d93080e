"""One component of a form-js schema read: its path, its conditions, its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol

from engine import feel
from engine.forms import components, templates
from engine.forms.components import Component, Condition, Path
from engine.forms.options import Options
from engine.forms.patterns import Pattern, PatternRefused
from engine.forms.values import number

_LIMITS = ("min", "max", "minLength", "maxLength")
_SUBTYPES = ("date", "time", "datetime")
_TEMPLATED = ("label", "description", "text", "content", "alt", "dateLabel", "timeLabel", "title", "url", "source")


class Blame(Protocol):
    """Remembers a problem of a component."""

    def __call__(self, template: str, component_id: str | None = None, **named: Any) -> None: ...


class ComponentReader:
    """Reads one component: its path, its conditions, its rules."""

    def __init__(self, blame: Blame, component_id: str, kind: str, schema: dict[str, Any]) -> None:
        self._tell = blame
        self.id = component_id
        self.kind = kind
        self.schema = schema
        self.reads: set[Path] = set()

    def read(self, children: tuple[Component, ...]) -> Component:
        rules = self.schema.get("validate", {})
        self._templates()
        self._number_rules()
        expression = None
        if self.kind == "expression":
            expression = self._feel("expression", self.schema.get("expression"))
        if self.kind == "datetime" and self.schema.get("subtype", "date") not in _SUBTYPES:
            self._blame("Subtype '{subtype}' is none of date, time and datetime.", subtype=self.schema.get("subtype"))
        for name in ("dataSource", "columnsExpression", "rowCount"):
            if isinstance(source := self.schema.get(name), str) and source.startswith("="):
                self._feel(name, source)
        return Component(
            id=self.id,
            type=self.kind,
            path=self._path(),
            schema=self.schema,
            children=children,
            hide=self._condition("conditional.hide", self.schema.get("conditional", {}).get("hide", False)),
            read_only=self._condition("readonly", self.schema.get("readonly", False)),
            disabled=self._condition("disabled", self.schema.get("disabled", False)),
            expression=expression,
            options=self._options() if self.kind in components.SELECTS else None,
            pattern=self._pattern(rules.get("pattern")),
            limits=dict(self._limits(rules)),
            reads=tuple(sorted(self.reads)),
        )

    def _blame(self, template: str, **named: Any) -> None:
        self._tell(template, self.id, **named)

    def _path(self) -> Path:
        if self.kind in components.DISPLAYS:
            return ()
        name = "key" if self.kind in components.FIELDS else "path"
        text = self.schema.get(name)
        if not text and self.kind == "group":
            return ()
        if not isinstance(text, str) or not text:
            self._blame("The component has no {name}; without one its value cannot be kept.", name=name)
            return (self.id,)
        steps = tuple(text.split("."))
        if not all(step.isidentifier() and len(step) <= 200 and not step.startswith("__") for step in steps):
            self._blame(
                "The {name} '{key}' may hold only letters, digits and '_', and must not start with a digit.",
                name=name,
                key=text,
            )
        return steps

    def _feel(self, name: str, text: Any) -> feel.Expression | None:
        if not isinstance(text, str) or not text.strip():
            self._blame("'{property}' needs an expression.", property=name)
            return None
        try:
            expression = feel.compile(text.removeprefix("="))
        except feel.FeelSyntaxError as error:
            self._blame("'{property}' cannot be read: {reason}", property=name, reason=error)
            return None
        self.reads.update(expression.paths)
        return expression

    def _condition(self, name: str, value: Any) -> Condition:
        if isinstance(value, str) and value.startswith("="):
            return Condition(expression=self._feel(name, value))
        if value is None or value == "" or isinstance(value, bool):
            return Condition(always=bool(value))
        self._blame("'{property}' must be true, false or an expression that starts with '='.", property=name)
        return Condition()

    def _options(self) -> Options:
        expression, key, listed = (self.schema.get(name) for name in ("valuesExpression", "valuesKey", "values"))
        if expression:
            return Options(expression=self._feel("valuesExpression", expression))
        if isinstance(key, str) and key:
            self.reads.add((key,))
            return Options(key=(key,))
        if not isinstance(listed, list):
            self._blame("The field has no options; add values, a values key or a values expression.")
            return Options()
        return Options(listed=tuple(listed))

    def _pattern(self, text: Any) -> Pattern | None:
        if text is None or text == "":
            return None
        if not isinstance(text, str):
            self._blame("'{property}' must be text.", property="pattern")
            return None
        try:
            return Pattern(text)
        except PatternRefused as refused:
            self._blame(refused.template, **refused.values)
            return None

    def _limits(self, rules: Mapping[str, Any]) -> Iterator[tuple[str, Decimal | feel.Expression]]:
        for name in _LIMITS:
            limit = rules.get(name)
            if limit is None or limit == "":
                continue
            if isinstance(limit, str) and limit.startswith("="):
                expression = self._feel(name, limit)
                if expression is not None:
                    yield name, expression
            elif (found := number(limit)) is not None:
                yield name, found
            else:
                self._blame("'{property}' is '{value}', which is not a number.", property=name, value=limit)

    def _number_rules(self) -> None:
        if self.kind != "number":
            return
        digits, step = self.schema.get("decimalDigits"), self.schema.get("increment")
        if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or digits < 0):
            self._blame("'{property}' is '{value}', which is no count.", property="decimalDigits", value=digits)
        if step not in (None, "") and ((found := number(step)) is None or found <= 0):
            self._blame("'{property}' is '{value}', which is no step.", property="increment", value=step)

    def _templates(self) -> None:
        texts: list[Any] = [self.schema.get(name) for name in _TEMPLATED]
        texts += [self.schema.get("appearance", {}).get(name) for name in ("prefixAdorner", "suffixAdorner")]
        for text in texts:
            if not templates.is_template(text):
                continue
            try:
                self.reads.update(templates.compile_template(text).paths)
            except (templates.TemplateRefused, feel.FeelSyntaxError) as error:
                self._blame("The text '{text}' cannot be read: {reason}", text=text[:60], reason=error)
