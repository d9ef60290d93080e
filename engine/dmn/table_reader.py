"""Decision tables read from XML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from engine import feel
from engine.dmn import boxed
from engine.dmn.boxed_reader import BoxReader
from engine.dmn.columns import Cell, literal_of, read_cell
from engine.dmn.documents import child, children, text_in, text_of
from engine.dmn.policies import AGGREGATIONS, Policy
from engine.dmn.running import Logic
from engine.dmn.tables import Input, Output, Rule, Table
from engine.feel.types import Mismatch, coerce
from engine.xml_files import line_of

MAX_RULES = 50_000
MAX_COLUMNS = 200
_LETTERS = {
    "U": "UNIQUE", "F": "FIRST", "A": "ANY", "P": "PRIORITY", "C": "COLLECT", "R": "RULE ORDER", "O": "OUTPUT ORDER",
}  # fmt: skip


def read_table(reader: BoxReader, element: etree._Element) -> Logic:
    """Read a <decisionTable>; one that cannot be run is told and answers null."""
    spelled = element.get("hitPolicy", "UNIQUE").strip().upper().replace("_", " ")
    spelled = _LETTERS.get(spelled, spelled)
    aggregation = element.get("aggregation")
    rows = list(children(element, "rule"))
    if spelled not in set(Policy):
        return reader.refused("The hit policy '{policy}' of '{owner}' is not known.", element, "table", policy=spelled)
    if aggregation is not None and aggregation not in AGGREGATIONS:
        template = "The aggregation '{aggregation}' of '{owner}' is not known."
        return reader.refused(template, element, "table", aggregation=aggregation)
    inputs = [_input(reader, each, place, rows) for place, each in enumerate(children(element, "input"))]
    outputs = [_output(reader, each, place) for place, each in enumerate(children(element, "output"), 1)]
    if not outputs:
        return reader.refused("The table '{owner}' has no output.", element, "table")
    if len(rows) > MAX_RULES or len(inputs) + len(outputs) > MAX_COLUMNS:
        template = "The table '{owner}' has more than {rules} rules or {columns} columns."
        return reader.refused(template, element, "table", rules=MAX_RULES, columns=MAX_COLUMNS)
    rules = _RuleReader(reader, inputs, outputs)
    return Table(
        id=element.get("id", ""),
        name=reader.owner,
        policy=Policy(spelled),
        aggregation=aggregation,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        rules=tuple(rules.read(row, number) for number, row in enumerate(rows, 1)),
        line=line_of(element),
    )


def _input(reader: BoxReader, element: etree._Element, place: int, rows: Sequence[etree._Element]) -> Input:
    looked_at = child(element, "inputExpression")
    text = text_in(looked_at)
    if looked_at is None or not text:
        logic: Logic = _blind(reader, element, place, rows)
    else:
        logic = reader.literal(looked_at)
    values = child(element, "inputValues")
    return Input(
        id=element.get("id", ""),
        label=element.get("label") or text or str(place + 1),
        text=text,
        logic=logic,
        kind=reader.kind(looked_at),
        allowed=_allowed(reader, values),
        line=line_of(element),
    )


def _blind(reader: BoxReader, element: etree._Element, place: int, rows: Sequence[etree._Element]) -> Logic:
    """A column that looks at nothing, as editors make it first: no fault as long as no rule asks it anything."""
    cells = (list(children(row, "inputEntry"))[place : place + 1] for row in rows)
    template = "Column {column} of '{owner}' looks at nothing; write the name of a variable there."
    if any(text_in(cell[0]) not in ("", "-") for cell in cells if cell):
        return reader.refused(template, element, "table", column=place + 1)
    named = {"owner": reader.owner, "column": place + 1}
    reader.findings.add("table", template, element, severity="warning", **named)
    return boxed.Constant(None, "")


def _allowed(reader: BoxReader, element: etree._Element | None) -> feel.UnaryTests | None:
    text = text_in(element)
    if element is None or not text:
        return None
    try:
        return feel.compile_unary_tests(text, reader.told_names())
    except feel.FeelSyntaxError as error:
        template = "The allowed values of a column of '{owner}' cannot be read: {reason}"
        reader.refused(template, element, "table", reason=error)
        return None


def _output(reader: BoxReader, element: etree._Element, place: int) -> Output:
    name = element.get("name") or element.get("label") or f"output {place}"
    default = child(element, "defaultOutputEntry")
    kind = reader.kind(element)
    allowed = text_in(child(element, "outputValues")) or getattr(getattr(kind, "allowed", None), "text", "")
    return Output(
        id=element.get("id", ""),
        label=element.get("label") or name,
        name=name,
        kind=kind,
        values=_ranked(allowed),
        default=None if default is None or not text_in(default) else reader.text(text_in(default), default),
        line=line_of(element),
    )


def _ranked(text: str) -> tuple[Any, ...]:
    """The allowed outputs in the order they are written, the most important first."""
    if not text:
        return ()
    try:
        value = feel.compile(f"[{text}]").value({})
    except feel.FeelSyntaxError:
        return ()  # such as "> 5": allowed values that have no order
    return tuple(value) if isinstance(value, list) else ()


class _RuleReader:
    """Reads the rows of one table."""

    def __init__(self, reader: BoxReader, inputs: Sequence[Input], outputs: Sequence[Output]) -> None:
        self.reader = reader
        self.inputs = inputs
        self.outputs = outputs
        self.names = reader.told_names()

    def read(self, element: etree._Element, number: int) -> Rule:
        cells = [self._cell(each, number, place) for place, each in enumerate(children(element, "inputEntry"))]
        entries = list(children(element, "outputEntry"))
        if len(cells) != len(self.inputs) or len(entries) != len(self.outputs):
            template = "Rule {row} of '{owner}' has more or fewer cells than the table has columns."
            self.reader.refused(template, element, "table", row=number)
            cells = [Cell("-")] * len(self.inputs)
            entries = []
        outputs = tuple(self._entry(each, number, place) for place, each in enumerate(entries))
        outputs = outputs or tuple(boxed.Missing("Rule {row} is broken.", {"row": number}) for _ in self.outputs)
        notes = [text_of(child(element, "description"))]
        notes += [text_in(each) for each in children(element, "annotationEntry")]
        return Rule(
            id=element.get("id", ""),
            cells=tuple(cells),
            outputs=outputs,
            annotations=tuple(note for note in notes if note),
            constants=self._constants(outputs),
            line=line_of(element),
        )

    def _cell(self, element: etree._Element, number: int, place: int) -> Cell:
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self._blame(element, number, self._label(place), f"{language} is not supported, only FEEL")
            return Cell("false", (False,))
        try:
            return read_cell(text_in(element), self.names, self.reader.types_for)
        except feel.FeelSyntaxError as error:
            self._blame(element, number, self._label(place), error)
            return Cell("", tests=feel.compile_unary_tests("null"))

    def _label(self, place: int) -> str:
        return self.inputs[place].label if place < len(self.inputs) else str(place + 1)

    def _entry(self, element: etree._Element, number: int, place: int) -> Logic:
        text = text_in(element)
        if not text:
            return boxed.Constant(None, "")
        literal = literal_of(text)
        if literal is not None:
            return boxed.Constant(literal[0], text)
        try:
            return boxed.Text(feel.compile(text.removeprefix("="), self.names, self.reader.types_for(text)))
        except feel.FeelSyntaxError as error:
            self._blame(element, number, self.outputs[place].label, error)
            return boxed.Missing("An output of '{owner}' cannot be read.", {"owner": self.reader.owner})

    def _blame(self, element: etree._Element, number: int, column: str, reason: feel.FeelSyntaxError | str) -> None:
        template = "Rule {row}, column '{column}' of '{owner}' cannot be read: {reason}"
        self.reader.refused(template, element, row=number, column=column, reason=reason)

    def _constants(self, outputs: Sequence[Logic]) -> tuple[Any, ...] | None:
        """The values of outputs that are literals, fitted to their columns; None when there is more to them."""
        values: list[Any] = []
        for logic, column in zip(outputs, self.outputs, strict=True):
            if not isinstance(logic, boxed.Constant):
                return None
            try:
                values.append(logic.value if column.kind is None else coerce(column.kind, logic.value))
            except Mismatch:
                return None  # told, with its reason, when the rule applies
        return tuple(values)
