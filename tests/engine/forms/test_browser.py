"""The browser's verdict and the server's on random answers: the same fields are wrong, the same data is accepted."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from engine import forms, plain
from engine.errors import Invalid
from tests.node import NODE

from .making import NOW, form

FRONTEND = Path(__file__).parents[3] / "webui" / "frontend"
ESBUILD = FRONTEND / "node_modules" / ".bin" / "esbuild"

pytestmark = pytest.mark.skipif(
    NODE is None or not ESBUILD.exists(), reason="needs Node, and form-js, which is bundled when pip installs"
)

OPTIONS = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
COMPONENTS: tuple[dict[str, Any], ...] = (
    {"type": "textfield", "key": "text", "validate": {"required": True, "pattern": "^[A-Z]{2}-\\d+$"}},
    {"type": "textfield", "key": "email", "validate": {"validationType": "email"}},
    {"type": "textfield", "key": "phone", "validate": {"validationType": "phone"}},
    {"type": "textarea", "key": "area", "validate": {"minLength": "=limit - 5", "maxLength": 20}},
    {"type": "number", "key": "num", "decimalDigits": 2, "increment": "0.5", "validate": {"min": 0, "max": "=limit"}},
    {"type": "number", "key": "limit", "defaultValue": 10},
    {"type": "datetime", "key": "day", "subtype": "date", "validate": {"required": True}},
    {"type": "datetime", "key": "clock", "subtype": "time"},
    {"type": "datetime", "key": "moment", "subtype": "datetime", "timeSerializingFormat": "utc_offset"},
    {"type": "expression", "key": "double", "expression": "=num * 2", "computeOn": "change"},
    {"type": "checkbox", "key": "check"},
    {"type": "checklist", "key": "checks", "values": OPTIONS, "validate": {"required": True}},
    {"type": "radio", "key": "radio", "values": OPTIONS},
    {"type": "select", "key": "sel", "values": OPTIONS, "validate": {"required": True}},
    {"type": "taglist", "key": "tags", "values": OPTIONS},
    {"type": "textfield", "key": "cond", "conditional": {"hide": "=check != true"}, "validate": {"required": True}},
    {"type": "textfield", "key": "far", "conditional": {"hide": '=cond = "v"'}, "validate": {"required": True}},
    {"type": "textfield", "key": "off", "disabled": True, "validate": {"required": True}},
    {"type": "textfield", "key": "fixed", "readonly": "=check", "defaultValue": "as it is"},
    {
        "type": "group",
        "path": "address",
        "components": [
            {"type": "textfield", "id": "st", "key": "street", "validate": {"required": True}},
            {"type": "textfield", "id": "ci", "key": "city", "conditional": {"hide": '=address.street = "s"'}},
        ],
    },
    {
        "type": "dynamiclist",
        "path": "lines",
        "isRepeating": True,
        "allowAddRemove": True,
        "defaultRepetitions": 1,
        "components": [
            {"type": "textfield", "id": "it", "key": "item", "validate": {"required": True}},
            {
                "type": "number",
                "id": "qt",
                "key": "qty",
                "conditional": {"hide": '=this.item = "a" and i[1] = 1'},
                "validate": {"max": "=parent.limit"},
            },
        ],
    },
)
VALUES: dict[str, list[Any]] = {
    "text": [None, "", "AB-1", "ab-1", "AB-12 ", " ", "x\nAB-1"],
    "email": [None, "a@b", "a@b.co", "nope", "a b@c", "a@-b"],
    "phone": [None, "+4930664040900", "+49 30", "0301234567", "008613812345678", "+1202555", "+0301234567"],
    "area": [None, "x" * 20, "x" * 21, "  x  ", "😀" * 10, "😀" * 11],
    "num": [None, 0, 1, 0.5, 0.25, 10, 10.5, -1, 1.333],
    "limit": [None, 10, 5],
    "day": [None, "2026-02-28", "2026-11-30"],
    "clock": [None, "09:30", "09:30+00:00", "09:30Z"],
    "moment": [None, "2026-11-30T09:30+00:00"],
    "check": [None, True, False],
    "checks": [None, [], ["a"], ["a", "b"]],
    "radio": [None, "a"],
    "sel": [None, "a"],
    "tags": [None, ["a"]],
    "cond": [None, "", "v"],
    "far": [None, "", "w"],
    "off": [None, "v"],
    "fixed": [None, "v"],
    "address": [None, {"street": "s"}, {}, {"street": "t", "city": "c"}],
    "lines": [
        None, [], [{"item": "a"}, {"item": ""}], [{"item": None, "qty": 2}], [{"item": "a", "qty": 99}] * 2,
    ],
}  # fmt: skip

JS = """async ([schema, data]) => {
  const form = window.made ??= new window.Form({container: document.body, debounce: false});
  await form.importSchema(schema, data);
  await new Promise(resolve => setTimeout(resolve, 20));
  return JSON.parse(JSON.stringify({sent: form._getSubmitData(), errors: form.validate()}));
}"""

Ask = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def ask(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Fills a form in the browser: what it would send, and the errors it shows by component and row."""
    folder = tmp_path_factory.mktemp("parity")
    source = "import {Form} from '@bpmn-io/form-js-viewer'; window.Form = Form;"
    bundle = folder / "form.js"
    subprocess.run(
        [str(NODE), str(ESBUILD), "--bundle", f"--outfile={bundle}", "--format=iife"],
        input=source.encode(), cwd=FRONTEND, check=True, capture_output=True,
    )  # fmt: skip
    page = browser.new_page()
    page.add_script_tag(path=str(bundle))
    yield lambda schema, data: page.evaluate(JS, [schema, data])
    page.close()


def places_of(errors: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Component id and row of each error, from form-js's nested answer."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from places_of(inner, (*path, key))
    elif isinstance(errors, list) and errors and isinstance(errors[0], str):
        yield path
    elif isinstance(errors, list):
        for row, inner in enumerate(errors):
            yield from places_of(inner, (*path, row))


def verdict(
    made: forms.Form, sent: dict[str, Any], held: dict[str, Any]
) -> tuple[set[tuple[Any, ...]], dict[str, Any]]:
    """The server's: component id and row of each problem, and what it would set."""
    try:
        return set(), made.validate(sent, held, NOW)
    except Invalid as refused:
        return {
            (problem.element_id, *(step for step in problem.field if isinstance(step, int)))
            for problem in refused.problems
        }, {}


GOOD: dict[str, list[Any]] = VALUES | {
    "text": ["AB-1", "AB-7", "AB-12"],
    "email": [None, "a@b.co"],
    "phone": [None, "+4930664040900"],
    "area": [None, "x" * 9],
    "num": [None, 0, 2.5],
    "day": ["2026-02-28"],
    "checks": [["a"], ["b", "a"]],
    "sel": ["a", "b"],
    "cond": ["v", "w"],
    "far": ["w"],
    "address": [{"street": "s"}, {"street": "t", "city": "c"}],
    "lines": [[], [{"item": "a"}, {"item": "b", "qty": 2}], [{"item": "a", "qty": 3}] * 2],
}


@pytest.mark.parametrize("values", [VALUES, GOOD], ids=["wild", "mostly good"])
def test_the_same_verdict(ask: Ask, values: dict[str, list[Any]]) -> None:
    made, chance = form(*COMPONENTS), random.Random(7)
    good = 0
    for _ in range(40):
        data = {key: value for key, choices in values.items() if (value := chance.choice(choices)) is not None}
        seen = ask(made.schema, json.loads(plain.dumps(made.initial(data, NOW))))
        ours, accepted = verdict(made, json.loads(json.dumps(seen["sent"])), data)
        assert ours == set(places_of(seen["errors"])), (data, seen)
        if not ours:
            good += 1
            for key, value in seen["sent"].items():
                assert accepted.get(key, data.get(key, "as it is")) == value, (key, data, seen, accepted)
    assert good > 10 or values is VALUES
