"""The texts of a project that people read, with their translations in a language."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import bpmn, dmn, forms
from engine.commands.projects import files_of
from engine.errors import Invalid
from engine.model import Actor
from engine.queries import projects


@dataclass(frozen=True)
class Text:
    """A text as diagrams, forms and tables have it; it is translated once, wherever it stands."""

    text: str
    files: tuple[str, ...]
    """Where it stands."""
    words: str
    """Its translation; empty when there is none."""


@dataclass(frozen=True)
class Texts:
    """All texts of a project, and the file that holds their translations."""

    rows: tuple[Text, ...]
    catalogue: projects.FileRow | None
    content: bytes = b""
    """Of the catalogue."""

    @property
    def missing(self) -> tuple[Text, ...]:
        return tuple(row for row in self.rows if not row.words)


def texts(session: Session, actor: Actor, key: int, language: str) -> Texts:
    """The texts of a project in the order of its files, with their translations. Raises NotFound, Forbidden."""
    project = projects.project(session, actor, key)
    found: dict[str, list[str]] = {}
    for name, content in files_of(session, key):
        for text in _texts_of(name, content):
            files = found.setdefault(text, [])
            if name not in files:
                files.append(name)
    row = next((row for row in project.of_kind("catalogue") if _language(row.name) == language), None)
    content = projects.project_file(session, actor, key, row.name).content if row is not None else b""
    words = _words(content)
    return Texts(tuple(Text(text, tuple(files), words.get(text, "")) for text, files in found.items()), row, content)


def with_words(content: bytes, language: str, changed: Mapping[str, str], where: Mapping[str, Iterable[str]]) -> bytes:
    """The catalogue with some translations changed: their lines alone, new ones at its end, all else as it was."""
    lines = (content.decode() if content else _beginning(language)).split("\n")
    ahead = dict(changed)
    for start, end, text in reversed(_entries(lines)):
        if text in ahead:
            first = next(at for at in range(start, end) if lines[at].startswith("msgstr"))
            lines[first:end] = f"msgstr {_quoted(ahead.pop(text))}".split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for text, words in ahead.items():
        if words:
            lines += ["", *(f"#: {name}" for name in where.get(text, ()))]
            lines += [*f"msgid {_quoted(text)}".split("\n"), *f"msgstr {_quoted(words)}".split("\n")]
    return ("\n".join(lines) + "\n").encode()


def _entries(lines: list[str]) -> list[tuple[int, int, str]]:
    """Where the entries of a catalogue stand: first line, line after the last, text; the head and plurals are none."""
    from babel.messages.pofile import denormalize

    entries = []
    at = 0
    while at < len(lines):
        if not lines[at].startswith("msgid "):
            at += 1
            continue
        start, parts = at, [lines[at].removeprefix("msgid ")]
        at += 1
        while at < len(lines) and lines[at].startswith('"'):
            parts.append(lines[at])
            at += 1
        text = denormalize("\n".join(parts))
        if at == len(lines) or not lines[at].startswith("msgstr "):
            continue
        at += 1
        while at < len(lines) and lines[at].startswith('"'):
            at += 1
        if text:
            entries.append((start, at, text))
    return entries


def _quoted(text: str) -> str:
    from babel.messages.pofile import normalize

    return str(normalize(text, width=0))


def _words(content: bytes) -> dict[str, str]:
    # Only pages on translations need it.
    from babel.messages.pofile import read_po

    if not content:
        return {}
    try:
        catalogue = read_po(io.BytesIO(content), abort_invalid=True)
    except (ValueError, LookupError) as error:
        raise Invalid(
            "Expected a catalogue of translations, but it cannot be read: {reason}.", reason=str(error)
        ) from error
    return {str(each.id): str(each.string) for each in catalogue if isinstance(each.id, str) and each.id}


def _texts_of(name: str, content: bytes) -> tuple[str, ...]:
    try:
        match projects.kind_of(name):
            case "process":
                return tuple(bpmn.texts(bpmn.parse(content, name)))
            case "decision":
                return dmn.parse(content, name).texts()
            case "form":
                return forms.parse(content, name).texts()
    except Invalid:
        pass  # under work; the page of the file says what is wrong with it
    return ()


def _language(name: str) -> str:
    """`complaints.zh_Hans.po` and `zh_Hans.po` are both of zh_Hans."""
    return name.removesuffix(".po").replace("-", ".").rpartition(".")[2]


def _beginning(language: str) -> str:
    return (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"'
    )
