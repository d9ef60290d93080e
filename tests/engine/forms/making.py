"""Forms made in a line, for tests."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from engine import forms
from engine.errors import Invalid

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


def form(*components: dict[str, Any], **schema: Any) -> forms.Form:
    """A form of these components; one without an id gets its key's name as id."""
    named = [{"id": f"f_{each.get('key') or each.get('path')}", **each} for each in components]
    content = {"type": "default", "id": "test", "schemaVersion": 19, "components": named, **schema}
    return forms.parse(json.dumps(content).encode(), "test.form")


def faults(made: forms.Form, submitted: Any, variables: dict[str, Any] | None = None) -> dict[tuple[Any, ...], str]:
    """What the form says of a submission, by field; fails when it accepts it."""
    try:
        accepted = made.validate(submitted, variables or {}, NOW)
    except Invalid as refused:
        return {problem.field: problem.message for problem in refused.problems}
    raise AssertionError(f"accepted as {accepted}")


def refusals(*components: dict[str, Any], **schema: Any) -> list[str]:
    """Why a schema is refused; fails when it is not."""
    try:
        form(*components, **schema)
    except Invalid as refused:
        return [problem.message for problem in refused.problems]
    raise AssertionError("the schema was read")
