"""The history in sentences, the engine's sentences in Chinese, and data in the words of its forms."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import gettext

from engine import plain
from engine.errors import Problem
from engine.events import Event
from engine.feel.runtime import Warning
from engine.queries import trace
from engine.queries.definitions import DataWords
from engine.queries.trace import Fact
from tests.webui.engine_sentences import sentences
from tests.world import MONDAY
from webui import engine_words, island_words
from webui.data_texts import DataReader, value_text
from webui.language import CATALOGUES, TRANSLATIONS, dated, message
from webui.language import sentence as engine_sentence
from webui.wording import element_namer, sentence

OUTLINE = {
    "elements": {"look": {"name": "Look at it", "kind": "userTask"}, "fork": {"name": "", "kind": "exclusiveGateway"}}
}
FORMS = DataWords(
    labels={"amount": "Amount", "answer": "Do you accept?", "limit": "Limit", "tier": "Customer's tier"},
    options={"answer": {"no": "No, I do not", "yes": "Yes, I do"}},
)
KEYS = {"{case}", "{key}", "{form}"}
SAMPLES: dict[str, Any] = {
    "mapping": {"repair": "look"},
    "renewed": ["timer"],
    "stopped": ["look"],
    "before": ["look"],
    "after": [],
    "element_id": "look", "target": "look", "source": "fork", "kind": "userTask", "trigger": "none",
    "condition": "=amount > limit", "reads": {"amount": 1200, "limit": 500}, "is_default": False,
    "changes": {"amount": {"old": 1, "new": 2}, "answer": {"new": "no"}}, "inputs": {"amount": 1200},
    "result": {"limit": 500, "answer": "yes"}, "due": "2026-11-24T08:00:00+00:00",
    "promised": "2026-11-24T08:00:00+00:00", "variables": {"amount": 1200},
    "rules": [{"decision": "Limits", "index": 3, "outputs": {"limit": 500}, "annotations": ["Small sums"]}],
    "template": "The {purpose} '{expression}' has no value.",
    "values": {"purpose": "condition", "expression": "amount"},
    "warnings": [{"template": "Nothing can be divided by zero.", "values": {}}],
    "candidate_groups": ["workshop"], "candidate_users": ["ben"], "assignee": "ben", "previous": "chen",
    "resources": {"repair.bpmn": "0123"}, "retries_left": 2, "note": "sent to a@example.org", "username": "b.carter",
    "reason": "wrong password", "address": "127.0.0.1", "parent_activity_key": None,
}  # fmt: skip


@pytest.fixture(params=["en", "zh-CN"])
def reading(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """Somebody reads a page in this language."""
    with app.test_request_context(headers={"Accept-Language": request.param}):
        app.preprocess_request()
        yield request.param


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        app.preprocess_request()
        yield


@pytest.fixture
def chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        app.preprocess_request()
        yield


def catalogue(name: str) -> dict[str, str]:
    with (TRANSLATIONS / "zh_Hans" / "LC_MESSAGES" / name).open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if isinstance(entry.id, str) and entry.id}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))


def differ(text: str, translation: str) -> bool:
    """Whether a translation has other values than its text; it may leave out keys, which tell people nothing."""
    return not placeholders(text) - KEYS <= placeholders(translation) <= placeholders(text)


def fact(event: str, data: dict[str, Any] | None, actor: str = "ben") -> Fact:
    return Fact(1, 1, 1, MONDAY, actor, "Ben Carter" if actor == "ben" else actor, event, "look", 1, data, "00", None)


def told(event: str, **data: Any) -> str:
    return sentence(fact(event, data), str, element_namer(OUTLINE), FORMS).text


# --- the catalogues


def test_every_engine_sentence_has_a_translation_with_the_same_values() -> None:
    known = catalogue("messages.po") | catalogue("engine.po")
    found = dict(sentences())
    assert len(found) > 350
    missing = [f"{place}: {text}" for text, place in found.items() if not known.get(text)]
    assert missing == []
    assert [text for text in found if differ(text, known[text])] == []


def test_no_engine_sentence_is_stale() -> None:
    assert set(catalogue("engine.po")) - {text for text, _ in sentences()} == set()


def test_every_word_of_the_islands_has_a_translation_with_the_same_values() -> None:
    known = catalogue("messages.po")
    texts = {text for words in island_words.WORDS.values() for text in words}
    assert [text for text in texts if not known.get(text) or differ(text, known[text])] == []


def test_translations_are_written_in_chinese() -> None:
    ascii_only = re.compile(r"^[\x00-\x7f…–→ ]*$")
    english = [
        f"{text} => {translation}"
        for name in CATALOGUES
        for text, translation in catalogue(name).items()
        if ascii_only.match(translation) and re.search("[a-z]{4}", re.sub(r"%\(\w+\)s|\{\w+\}", "", translation))
    ]
    assert english == []


def test_words_in_engine_sentences_are_translated_but_not_names(chinese: None) -> None:
    problem = Problem(
        "'{owner}' refers to the {kind} '{named}', which the file does not define.",
        {"owner": "message", "kind": "message", "named": "signal"},
    )
    assert message(problem) == "“message”引用了消息“signal”，而文件中没有定义。"


def test_a_reason_stays_a_sentence_when_it_is_kept(chinese: None) -> None:
    failure = {"decision": "limit", "reason": Warning("Nothing can be divided by zero.", {})}
    kept = plain.loads(plain.dumps(failure))
    told = engine_sentence("The decision '{decision}' gave no result: {reason}", kept)
    assert gettext("Nothing can be divided by zero.") in told
    assert "divided" not in told


def test_a_reason_is_translated_with_what_it_explains(chinese: None) -> None:
    reason = Problem("The expression ends too early; something is missing here.")
    problem = Problem(
        "The {use} of *{name}* is not valid FEEL at column {column}: {reason} It reads: {text}",
        {"use": "condition", "name": "Fork", "column": 9, "reason": reason, "text": "=amount >"},
    )
    assert message(problem) == (
        "“Fork”的条件不是有效的 FEEL（第 9 列）：表达式结束得太早；这里缺少内容。原文：=amount >"
    )


# --- the history


def sample(kind: type[Event]) -> dict[str, Any]:
    """Data such as an event of this kind carries."""
    hints = typing.get_type_hints(kind)
    given = {}
    for field in dataclasses.fields(kind):
        text = "Something" if "str" in str(hints[field.name]) else 1
        given[field.name] = SAMPLES.get(field.name, text)
    return given


@pytest.mark.parametrize("event", trace.EVENT_NAMES)
def test_every_event_is_told_in_a_sentence(reading: str, event: str) -> None:
    line = sentence(fact(event, sample(Event.registry[event])), str, element_namer(OUTLINE), FORMS)
    everything = " ".join([line.text, *(f"{name} {value}" for name, value in line.details)])
    assert event not in line.text, "it has no teller"
    assert line.group in {"people", "path", "decisions", "clocks", "data", "messages", "trouble", "case"}
    assert not re.search(r"%\(|\{|\}|None|\blook\b|\bben\b|T08:00", everything)
    if reading == "zh-CN":
        own = re.sub(r"Look at it|Ben Carter|Casewright|Something|Workshop|repair\.bpmn", "", line.text)
        assert re.search(r"[\u4e00-\u9fff]", own) and not re.search(r"[A-Za-z]{12}", own)


def test_erased_data_is_told_as_erased(english: None) -> None:
    assert sentence(fact("TaskCompleted", None), str, element_namer(OUTLINE)).text.endswith("(its data was erased)")


def test_an_event_of_a_newer_version_is_told_by_its_name(english: None) -> None:
    line = sentence(fact("SomethingNew", {"amount": 5}), str, element_namer(OUTLINE), FORMS)
    assert line.text == "SomethingNew Look at it" and line.details == (("Amount", "5"),) and line.is_minor


def test_a_way_is_explained_with_what_was_read(english: None) -> None:
    data = {"source": "fork", "target": "look", "condition": "=amount > limit", "is_default": False,
            "reads": {"amount": 1200, "limit": 500}}  # fmt: skip
    line = sentence(fact("FlowTaken", data), str, element_namer(OUTLINE), FORMS)
    assert line.text == "Went on to “Look at it” because Amount (1,200) > Limit (500)"
    assert ("Written in the diagram", "=amount > limit") in line.details


def test_changes_show_old_and_new_in_the_words_of_the_form(english: None) -> None:
    changes = {"answer": {"old": "yes", "new": "no"}, "amount": {"new": 7}}
    line = sentence(fact("VariablesChanged", {"changes": changes}), str, element_namer(OUTLINE), FORMS)
    assert line.details == (("Do you accept?", "Yes, I do → No, I do not"), ("Amount", "7"))


def test_a_decision_shows_its_rules_with_their_notes(english: None) -> None:
    line = sentence(fact("DecisionEvaluated", SAMPLES), str, element_namer(OUTLINE), FORMS)
    assert line.text == "“Look at it”: the rules gave Limit: 500; Do you accept?: Yes, I do (rule 3)"
    assert line.details[-2:] == (
        ("Limits, rule 3", "Limit: 500 — Small sums"), ("Hints", "Nothing can be divided by zero."),
    )  # fmt: skip


# --- conditions and values


@pytest.mark.parametrize(
    ("condition", "reads", "expected"),
    [
        ("=amount > limit", {"amount": 1200, "limit": 500}, "Amount (1,200) > Limit (500)"),
        ('=answer = "no"', {"answer": "no"}, "“Do you accept?” is “No, I do not”"),
        ('=answer = "no" or amount > 5', {"answer": "yes", "amount": 6},
         "Do you accept? (Yes, I do) = “No, I do not” or Amount (6) > 5"),
        ('=note = "the amount is limit"', {"note": "x"}, 'Note (x) = "the amount is limit"'),
        ('=note = "say \\"amount\\" twice" and amount > 1', {"note": "a", "amount": 2},
         'Note (a) = "say \\"amount\\" twice" and Amount (2) > 1'),
        ("=amount > 1 and amount < 9", {"amount": 2}, "Amount (2) > 1 and Amount < 9"),
        ("=note = amount", {"note": "amount limit", "amount": "note"}, "Note (amount limit) = Amount (note)"),
        ("=customer.tier != null", {"customer.tier": "gold"}, "Customer · Customer's tier (gold) ≠ nothing"),
        ("=count(items) >= 2", {"items": [1, 2], "count": 7}, "count(Items (1, 2)) ≥ 2"),
        ("=amounts > amount", {"amount": 1, "amounts": 2}, "Amounts (2) > Amount (1)"),
        ("=金额 > 5", {"金额": 6}, "金额 (6) > 5"),
        ("=a + b > 3", {"a + b": 4}, "A + b (4) > 3"),
        ('=Answer = "no"', {"Answer": "no"}, "“Do you accept?” is “No, I do not”"),
        ("=true", {}, "yes"),
        ("=", {}, ""),
    ],
)  # fmt: skip
def test_a_condition_is_explained_once_and_never_inside_of_text(
    english: None, condition: str, reads: dict[str, Any], expected: str
) -> None:
    assert DataReader(FORMS, str).condition(condition, reads) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"), ("", "nothing"), ([], "nothing"), ({}, "nothing"), (True, "yes"), (False, "no"),
        (1234567, "1,234,567"), ("2026-11-24T08:00:00Z", "Tue 24 Nov 09:00"), ("2026-11-24T08:00", "2026-11-24 08:00"),
        ("2026-99-24T08:00", "2026-99-24T08:00"), (["a", 2], "a, 2"), ({"amount": 2}, "Amount: 2"),
        ([{"amount": 1}, {"amount": 2}], "Amount: 1\nAmount: 2"), (0, "0"),
    ],
)  # fmt: skip
def test_values_read_as_people_write_them(english: None, value: Any, expected: str) -> None:
    assert value_text(value) == expected


def test_dates_have_their_day_for_customers(reading: str) -> None:
    expected = {"en": "Tue 24 Nov 09:00", "zh-CN": "11月24日 周二 09:00"}
    assert dated(MONDAY + dt.timedelta(days=1)) == expected[reading]
    later = {"en": "Wed 24 Nov 2027 09:00", "zh-CN": "2027年11月24日 周三 09:00"}
    assert dated(MONDAY + dt.timedelta(days=366)) == later[reading]


def test_every_verdict_and_refusal_has_words() -> None:
    known = catalogue("messages.po")
    assert all(known.get(text) for text in (*engine_words.VERDICTS, *engine_words.REFUSALS))
