"""Forms where scripts do not run."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from tests.webui.browser import Browser, words
from tests.webui.test_tasks import look
from tests.world import World
from webui.plain_forms import plain_fields, plain_values

OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


def schema(*components: dict[str, Any]) -> dict[str, Any]:
    return {"components": [{"id": f"id{number}", **each} for number, each in enumerate(components)]}


def test_values_have_the_types_of_their_fields() -> None:
    form = schema(
        {"type": "text", "text": "words"},
        {"type": "textfield", "key": "name"},
        {"type": "number", "key": "amount"},
        {"type": "number", "key": "count"},
        {"type": "number", "key": "odd"},
        {"type": "checkbox", "key": "agrees"},
        {"type": "checklist", "key": "parts", "values": OPTIONS},
        {"type": "select", "key": "kind", "values": OPTIONS},
        {"type": "datetime", "key": "day", "subtype": "date", "dateLabel": "Day"},
        {"type": "textfield", "key": "fixed", "readonly": True},
        {"type": "group", "path": "address", "components": [{"type": "textfield", "key": "street", "id": "s"}]},
    )
    posted = MultiDict([
        ("name", "Zoë"), ("amount", "1.50"), ("count", "3"), ("odd", "many"), ("agrees", "on"), ("parts", "a"),
        ("parts", "b"), ("kind", ""), ("day", "2026-11-30"), ("fixed", "forged"), ("address.street", "Main"),
        ("csrf_token", "x"), ("strange", "y"),
    ])  # fmt: skip
    assert plain_values(form, posted) == {
        "name": "Zoë", "amount": Decimal("1.50"), "count": 3, "odd": "many", "agrees": True, "parts": ["a", "b"],
        "kind": None, "day": "2026-11-30", "address": {"street": "Main"},
    }  # fmt: skip


def test_a_form_that_cannot_do_without_scripts_says_so() -> None:
    assert plain_fields(schema({"type": "dynamiclist", "path": "rows", "components": []}), {}) is None
    assert plain_fields(schema({"type": "select", "key": "kind", "valuesKey": "kinds"}), {}) is None


def test_a_task_is_completed_without_scripts(signed_in: Callable[[str], Browser], office: World) -> None:
    key, browser = look(office), signed_in("staff")
    page = browser.get(f"/tasks/{key}")
    assert 'id="plain-finding"' in page.text
    wrong = browser.post(f"/tasks/{key}/complete", {"finding": ""})
    assert wrong.status_code == 422 and 'class="field wrong"' in wrong.text
    response = browser.post(f"/tasks/{key}/complete", {"finding": "The bulb"})
    assert response.status_code == 303
    assert "Done: Look at it" in words(browser.get(response.location))
    assert office.data("TaskCompleted")[0]["variables"] == {"finding": "The bulb"}
