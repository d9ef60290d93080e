"""What pages, diagrams and forms say in a language; the catalogues of the product are the only dictionary."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = (ROOT / "webui/translations/{}/LC_MESSAGES/messages.po", ROOT / "processes/{}.po")
Words = Callable[..., str]


def words(language: str) -> Words:
    """A dictionary from English; a text without translation is a mistake of the product, so it is an error here."""

    def say(text: str, **values: object) -> str:
        told = text if language == "en" else _dictionary(language)[text]
        return told % values if values else told

    return say


@cache
def _dictionary(language: str) -> dict[str, str]:
    told: dict[str, str] = {}
    for catalogue in CATALOGUES:
        with Path(str(catalogue).format(language)).open("rb") as file:
            told |= {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
    return told
