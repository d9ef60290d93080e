"""A page round each island in a real browser; a stand-in for the application answers, and can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, abort, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from webui import assets

# as strict as the application's own
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
PAGE = """<!doctype html><html lang="{{ lang }}"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="csrf-token" content="token">{{ stylesheets() }}{{ island("shell", title) }}</head>
<body><main class="page">{{ body|safe }}</main></body></html>"""


@dataclass
class Server:
    """What the stand-in says, and what it was told."""

    address: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[dict[str, Any], int]] = field(default_factory=dict)
    received: dict[str, list[Any]] = field(default_factory=dict)
    tokens: set[str | None] = field(default_factory=set)

    def show(self, island: str, body: str) -> str:
        """The address of a page with this island and body."""
        self.pages[island] = body
        return f"{self.address}/{island}"

    def app(self) -> Flask:
        app = Flask("stand-in", static_folder=str(assets.STATIC))
        Babel(app, locale_selector=lambda: request.args.get("lang", "en"))
        assets.init_assets(app)
        app.add_url_rule("/<island>", view_func=self._page)
        app.add_url_rule("/<path:path>", "receive", self._receive, methods=["POST"])
        app.after_request(self._secure)
        return app

    def _page(self, island: str) -> ResponseReturnValue:
        lang = request.args.get("lang", "en").replace("_", "-")
        if island not in self.pages:
            abort(404)
        return render_template_string(PAGE, title=island, body=self.pages[island], lang=lang)

    def _receive(self, path: str) -> ResponseReturnValue:
        self.tokens.add(request.headers.get("X-CSRF-Token"))
        self.received.setdefault(path, []).append(request.get_json())
        answer, status = self.answers.get(path, ({}, 200))
        return jsonify(answer), status

    def _secure(self, response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response


@pytest.fixture
def server() -> Iterator[Server]:
    stand_in = Server()
    http = make_server("127.0.0.1", 0, stand_in.app(), threaded=True)
    stand_in.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield stand_in
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window; the test fails when a script of ours throws."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(5000)
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []
