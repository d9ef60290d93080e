"""Everything that a page can say is there in Chinese, with all its values."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from engine.errors import Problem, Refused
from engine.queries import Permission
from tests.webui.browser import Browser
from tests.world import World
from webui.engine_words import PERMISSIONS
from webui.language import CATALOGUES, TRANSLATIONS, message

ROOT = Path(__file__).parent.parent.parent
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "Refused", "Invalid", "Forbidden", "NotFound", "Problem")),
    "ngettext": (1, 2),
}
PAGES = [("*.py", "python"), ("templates/**.html", "jinja2")]


def texts() -> Iterator[str | tuple[str, ...]]:
    for folder, methods in ((ROOT / "webui", PAGES), (ROOT / "engine", [("**.py", "python")])):
        for _, _, text, _, _ in extract_from_dir(
            str(folder), methods, {"**.html": {"trimmed": "true"}}, KEYWORDS, directory_filter=_is_ours
        ):
            yield text


def _is_ours(path: str) -> bool:
    return Path(path).name not in ("node_modules", "static", "frontend", "__pycache__")


@pytest.fixture(scope="module")
def chinese() -> dict[str, tuple[str, ...]]:
    """English text → its translations, of which there are several where a number chooses."""
    found = {}
    for entry in chain.from_iterable(
        read_po(io.BytesIO((TRANSLATIONS / "zh_Hans" / "LC_MESSAGES" / name).read_bytes())) for name in CATALOGUES
    ):
        first = entry.id if isinstance(entry.id, str) else entry.id[0]
        found[first] = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
    return found


def test_every_text_has_a_translation(chinese: dict[str, tuple[str, ...]]) -> None:
    firsts = {text if isinstance(text, str) else text[0] for text in texts()}
    assert len(firsts) > 300
    assert sorted(first for first in firsts if first and not all(chinese.get(first, ("",)))) == []


def test_a_translation_fills_in_nothing_that_its_text_does_not_have(chinese: dict[str, tuple[str, ...]]) -> None:
    value = re.compile(r"%\(\w+\)s|\{\w+\}")
    differing = [
        text
        for text, translations in chinese.items()
        for each in translations
        if text and not set(value.findall(each)) <= set(value.findall(text))
    ]
    assert differing == []


def test_every_permission_has_words() -> None:
    assert set(PERMISSIONS) == {permission.value for permission in Permission}


def test_an_engine_sentence_is_translated_with_its_values(app: Flask, office: World) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-CN,zh;q=0.9"}):
        app.preprocess_request()
        refused = Refused(
            "Expected to {verb} task '{task}', but {user} completed it at {time}.",
            verb="claim", task="Look at it", user="chen", time=office.clock(),
        )  # fmt: skip
        assert message(refused) == "不能认领任务“查看”：陈晓梅 已于 今天 09:00 完成。"
        assert message(Problem("A group needs a name.")) == "请填写小组名称。"


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("zh-CN,zh;q=0.9,en;q=0.5", "zh-Hans"), ("de,en;q=0.5", "en"), ("fr", "en"), ("en-GB,zh;q=0.1", "en")],
)
def test_the_browser_is_answered_in_its_language(browser: Browser, asked: str, spoken: str) -> None:
    page = browser.get("/sign-in", headers={"Accept-Language": asked}).text
    assert f'<html lang="{spoken}"' in page


def test_the_accounts_language_comes_before_the_browsers(signed_in: Any) -> None:
    chen = signed_in("chen")
    assert 'lang="zh-Hans"' in chen.get("/inbox", headers={"Accept-Language": "en"}).text
    chen.post("/account/language", {"language": "en", "next": "/inbox"})
    assert '<html lang="en"' in chen.get("/inbox").text


def test_no_space_stands_between_a_name_and_chinese(chinese: dict[str, tuple[str, ...]]) -> None:
    """Names may be Chinese; where one is Latin, the style sheet's text-autospace gives it air."""
    name = r"%\((?:who|whom|name|assignee)\)s"
    spaced = re.compile(rf"{name} [\u3000-\u9fff“]|[\u3000-\u9fff”] {name}")
    assert [text for texts in chinese.values() for text in texts if spaced.search(text)] == []
