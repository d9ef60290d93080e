"""A browser without a screen: keeps cookies and the token of the page, as a person's browser does."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a password for tests"


class Browser:
    """One person's browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form of a page."""
        return self._seen(self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **options))

    def send(self, path: str, data: Any, **options: Any) -> TestResponse:
        """Send JSON, as the islands do."""
        headers = {"X-CSRF-Token": self.token, "Accept": "application/json"}
        return self.client.post(path, json=data, headers=headers, **options)

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        response = self.post("/sign-in", {"username": username, "password": password})
        if response.status_code == 303:
            self.get("/account")
        return response

    def begin_session(self, key: int, stamp: str) -> None:
        """Be signed in without typing the password, whose check is slow on purpose."""
        with self.client.session_transaction() as session:
            session.update(user=key, stamp=stamp, csrf="a token")
        self.token = "a token"

    def _seen(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html":
            token = re.search(r'name="csrf-token" content="([^"]*)"', response.text)
            self.token = token[1] if token else self.token
        return response


def words(response: TestResponse) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).replace("&#39;", "'").replace("&amp;", "&")
