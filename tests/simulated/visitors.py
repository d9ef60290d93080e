"""Visitors of the pages: each has cookies of its own, sends what a browser would send, and times every request."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx
from lxml import html

from engine import plain

TIMEOUT_SECONDS = 120
Note = Callable[[str, float], None]
"""Told of each request: its kind, and the seconds it took."""


def unnoted(kind: str, seconds: float) -> None:
    """Nobody measures."""


@dataclass(frozen=True)
class ShownForm:
    """A form as the page gives it to the browser."""

    schema: dict[str, Any]
    data: dict[str, Any]
    address: str
    draft_address: str | None
    is_open: bool


class Unexpected(Exception):
    """The server answered what it should not have."""


class Gone(Exception):
    """Somebody else, or time, was faster than this visitor."""


class Visitor:
    """One browser."""

    def __init__(self, address: str, note: Note = unnoted) -> None:
        self._client = httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS, follow_redirects=True)
        self._note = note
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, kind: str, address: str) -> html.HtmlElement:
        """A page. Raises Gone when what stood there is no longer."""
        response = self._timed(kind, lambda: self._client.get(address))
        if response.status_code == 404:
            raise Gone(address)
        if response.status_code != 200:
            raise Unexpected(f"GET {address}: {response.status_code}\n{_said(response)}")
        page = html.fromstring(response.content)
        (self._token,) = page.xpath("//meta[@name='csrf-token']/@content")
        return page

    def post(self, kind: str, address: str, data: Mapping[str, Any]) -> httpx.Response:
        """What a form sends by script: JSON. The answer may be a refusal; anything else than that is Unexpected."""
        content = plain.dumps(data).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": self._token}
        response = self._timed(kind, lambda: self._client.post(address, content=content, headers=headers))
        if response.status_code not in (200, 403, 404, 409):
            raise Unexpected(f"POST {address}: {response.status_code}\n{_said(response)}\nsent: {content.decode()}")
        return response

    def press(self, kind: str, address: str, **fields: str) -> httpx.Response:
        """What a plain form sends."""
        fields["csrf_token"] = self._token
        response = self._timed(kind, lambda: self._client.post(address, data=fields))
        if response.status_code not in (200, 403, 404, 409):
            raise Unexpected(f"POST {address}: {response.status_code}\n{_said(response)}")
        return response

    def sign_in(self, username: str, password: str) -> None:
        self.get("sign-in page", "/sign-in")
        self.press("sign in", "/sign-in", username=username, password=password)

    def _timed(self, kind: str, send: Callable[[], httpx.Response]) -> httpx.Response:
        began = time.perf_counter()
        response = send()
        self._note(kind, time.perf_counter() - began)
        return response


def shown_form(page: html.HtmlElement) -> ShownForm | None:
    """The form on a page, if there is one."""
    for element in page.xpath("//*[@data-form]"):
        (script,) = element.xpath("./script")
        content = plain.loads(script.text)
        return ShownForm(
            content["schema"],
            {**content["data"], **(content["draft"] or {})},
            element.get("data-action"),
            element.get("data-draft-url"),
            "data-readonly" not in element.attrib,
        )
    return None


def links(page: html.HtmlElement, pattern: str) -> list[str]:
    """The addresses on a page whose path fits, each once, in their order."""
    return list(dict.fromkeys(href for href in page.xpath("//main//a/@href") if re.fullmatch(pattern, href)))


def _said(response: httpx.Response) -> str:
    if "json" in response.headers.get("content-type", ""):
        return response.text
    main = html.fromstring(response.content).xpath("//main")
    return " ".join(main[0].text_content().split())[:1000] if main else response.text[:1000]
