"""Forms on their way back: what was filled in, and the answer that a script or a browser gets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.queries.tasks import FormView
from webui.auth import wants_json
from webui.plain_forms import plain_values

REQUEST_ID = re.compile(r"[\w-]{16,200}", re.ASCII)
_MOST_TICKETS = 1_000_000_000


def submitted(form: Callable[[], FormView | None]) -> dict[str, Any]:
    """What was filled in: JSON from the form island, or the plain fields of `form` where scripts do not run."""
    if not request.is_json:
        view = form()
        return plain_values(view.schema, request.form) if view else {}
    return submitted_json()


def submitted_json() -> dict[str, Any]:
    """An object sent as JSON."""
    data = request.get_json()
    if not isinstance(data, dict):
        abort(400, gettext("This page is out of date. Load it again."))
    return data


def ticket() -> int:
    """Drawn when a form is shown, and sent back with it: of two versions in use, both see the same one by it."""
    given = request.args.get("ticket", 0, type=int)
    return given if 0 < given <= _MOST_TICKETS else secrets.randbelow(_MOST_TICKETS) + 1


def request_id(*, new: bool = False) -> str | None:
    """The name that a form page gives to what is sent from it; a new one for a page that has none yet.

    Sent a second time, because the answer to the first was lost, it starts nothing again.
    """
    given = request.args.get("request", "")
    if REQUEST_ID.fullmatch(given):
        return given
    return secrets.token_urlsafe(24) if new else None


def go_on(address: str) -> ResponseReturnValue:
    """Lead on after something was done: a script is told the address, a browser is sent there."""
    return jsonify(location=address) if wants_json() else redirect(address, 303)
