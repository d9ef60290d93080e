"""Texts with FEEL in them, as form-js writes: `Hi {{name}}`, `{{#if late}}…{{/if}}`, `{{#loop lines}}…{{/loop}}`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine import feel

_MAX_OUTPUT = 100_000
"""Characters of a rendered text; what is longer is cut."""


class TemplateRefused(Exception):
    """The text between {{ and }} cannot be read."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))


@dataclass
class _Block:
    """A piece of a template: text, an insert, or a condition or loop with its own pieces."""

    kind: str
    text: str = ""
    expression: feel.Expression | None = None
    children: list[_Block] = field(default_factory=list)


@dataclass(frozen=True)
class Template:
    """A text with FEEL inside, ready to be filled."""

    blocks: tuple[_Block, ...]
    paths: frozenset[tuple[str, ...]]

    def render(self, scope: Mapping[str, Any], now: dt.datetime | None = None) -> str:
        """The text with every expression replaced by its value; null leaves nothing."""
        parts: list[str] = []
        room = _MAX_OUTPUT
        for part in _rendered(self.blocks, scope, now):
            parts.append(part[:room])
            room -= len(part)
            if room <= 0:
                break
        return "".join(parts)


def is_template(text: Any) -> bool:
    """Whether the text holds FEEL: it starts with `=` or has `{{…}}`."""
    return isinstance(text, str) and (text.startswith("=") or next(_tags(text), None) is not None)


@lru_cache(maxsize=2_000)
def compile_template(text: str) -> Template:
    """Read a text with FEEL inside. Raises TemplateRefused or feel.FeelSyntaxError."""
    root = _Block("root")
    if text.startswith("="):
        root.children.append(_Block("insert", expression=feel.compile(text[1:])))
    else:
        _fill(root, text)
    return Template(tuple(root.children), frozenset(_paths(root.children)))


def _tags(text: str) -> Iterator[tuple[int, int]]:
    stop = 0
    while (start := text.find("{{", stop)) >= 0 and (end := text.find("}}", start + 2)) >= 0:
        stop = end + 2
        yield start, stop


def _fill(root: _Block, text: str) -> None:
    open_blocks = [root]
    end = 0
    for start, stop in _tags(text):
        open_blocks[-1].children.append(_Block("text", text[end:start]))
        end = stop
        content = text[start + 2 : stop - 2].strip()
        word, _, rest = content.partition(" ")
        if word in ("#if", "#loop"):
            block = _Block(word[1:], expression=feel.compile(rest))
            open_blocks[-1].children.append(block)
            open_blocks.append(block)
        elif word in ("/if", "/loop"):
            if open_blocks[-1].kind != word[1:]:
                raise TemplateRefused("'{tag}' closes nothing in the text '{text}'.", tag=text[start:stop], text=text)
            open_blocks.pop()
        elif content:
            open_blocks[-1].children.append(_Block("insert", expression=feel.compile(content)))
    if len(open_blocks) > 1:
        raise TemplateRefused("'#{kind}' is not closed in the text '{text}'.", kind=open_blocks[-1].kind, text=text)
    root.children.append(_Block("text", text[end:]))


def _paths(blocks: list[_Block]) -> Iterator[tuple[str, ...]]:
    for block in blocks:
        if block.expression is not None:
            yield from block.expression.paths
        yield from _paths(block.children)


def _rendered(blocks: Sequence[_Block], scope: Mapping[str, Any], now: dt.datetime | None) -> Iterator[str]:
    for block in blocks:
        if block.expression is None:
            yield block.text
            continue
        value = block.expression.value(scope, now)
        if block.kind == "insert":
            yield _text(value)
        elif block.kind == "if" and value is True:
            yield from _rendered(block.children, scope, now)
        elif block.kind == "loop" and value is not None:
            for item in value if isinstance(value, list) else [value]:
                yield from _rendered(block.children, _item_scope(item, scope), now)


def _item_scope(item: Any, parent: Mapping[str, Any]) -> dict[str, Any]:
    own = item if isinstance(item, dict) else {}
    return {"this": item, "parent": parent, **own, "_this_": item, "_parent_": parent}


def _text(value: Any) -> str:
    plain = feel.to_plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(plain)
