"""Forms on their way back: what was filled in, and the answer that a script or a browser gets."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webui.auth import wants_json

_OURS = ("csrf_token", "next")


def submitted() -> dict[str, Any]:
    """What was filled in: JSON from the form island, or plain fields where scripts do not run."""
    if not request.is_json:
        return {name: value for name, value in request.form.items() if name not in _OURS}
    data = request.get_json()
    if not isinstance(data, dict):
        abort(400, gettext("This page is out of date. Load it again."))
    return data


def go_on(address: str) -> ResponseReturnValue:
    """Lead on after something was done: a script is told the address, a browser is sent there."""
    return jsonify(location=address) if wants_json() else redirect(address, 303)
