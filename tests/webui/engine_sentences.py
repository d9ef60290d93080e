"""Finds the sentences that the engine can say to people, by reading its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ENGINE = Path(__file__).parent.parent.parent / "engine"
NOT_FOR_PAGES = re.compile(r"^(cli|migrations)/|^(settings|events|database|checks/findings)\.py$")
_SENTENCE = re.compile(r"^['\"A-Z*{].* .*[.?}]$", re.DOTALL)
_NO_SENTENCE = re.compile(r"^\{\w+\}[^ ]|^[^a-z]*$")
_UNSUITABLE = re.compile(r"^[a-z{].* .*\.$", re.DOTALL)
BUILTINS = "feel/builtins/"
"""What these say of a value begins small, since the function's name is put before it; the rest is help."""
WITH_SUBJECT = ("The {use} of *{name}*", "The {use} '{subject}' of *{name}*")
"""How a rule names a use that there are several of."""


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence, with its place in the source."""
    for path in sorted(ENGINE.rglob("*.py")):
        place = path.relative_to(ENGINE).as_posix()
        if not NOT_FOR_PAGES.search(place):
            for text, line in _texts(ast.parse(path.read_text("utf-8"))):
                if place.startswith(BUILTINS) and not text.startswith("'"):
                    if _UNSUITABLE.match(text):
                        yield "'{function}': " + text, f"{place}:{line}"
                elif _SENTENCE.match(text) and not _NO_SENTENCE.match(text):
                    yield text, f"{place}:{line}"
                    if text.startswith(WITH_SUBJECT[0]):
                        yield text.replace(*WITH_SUBJECT, 1), f"{place}:{line}"


def _texts(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every text of a module but those that document it and the pieces of f-strings."""
    passed = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed.update(map(id, node.values))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value, node.lineno
