"""What is said about text that is not FEEL."""

from __future__ import annotations

from typing import Any


class FeelSyntaxError(Exception):
    """The text is not a FEEL expression; `line` and `column` (from 1) say where."""

    def __init__(self, template: str, values: dict[str, Any], line: int, column: int) -> None:
        self.template = template
        self.values = values
        self.line = line
        self.column = column
        super().__init__(template.format(**values))

    @property
    def message(self) -> str:
        return self.template.format(**self.values)


def syntax_error(text: str, at: int, template: str, **values: Any) -> FeelSyntaxError:
    """The error for offset `at` of `text`."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return FeelSyntaxError(template, values, line, column)
