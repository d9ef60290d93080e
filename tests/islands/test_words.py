"""No word of an island is missing from the table that translates them."""

from __future__ import annotations

import re
from pathlib import Path

from webui.island_words import WORDS

SOURCES = Path(__file__).parent.parent.parent / "webui" / "frontend" / "src"
CALL = re.compile(r"\bt\((?:[^()'\"?]*\? )?'([^']+)'(?:\s*:\s*'([^']+)')?")


def test_every_word_of_the_islands_is_translated() -> None:
    texts = [file.read_text("utf-8") for file in SOURCES.rglob("*.js")]
    said = {word for text in texts for found in CALL.findall(text) for word in found if word}
    known = {word for words in WORDS.values() for word in words}
    assert said
    assert said - known == set()
