"""HTTP calls: what may be called, what comes back, and what is refused before a byte is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from engine.connectors import Call, ServiceError, ServiceFailed
from engine.connectors.http import HttpConnector, HttpLimits

PUBLIC = "93.184.215.14"
Answer = Callable[[httpx.Request], httpx.Response]


def connector(answer: Answer, addresses: dict[str, list[str]] | None = None, **limits: object) -> HttpConnector:
    found = addresses or {"api.example.org": [PUBLIC]}
    return HttpConnector(
        HttpLimits(hosts=("api.example.org", "*.partner.example"), **limits),  # type: ignore[arg-type]
        resolve=lambda host, port: found[host],
        transport=httpx.MockTransport(answer),
    )


def call(**inputs: object) -> Call:
    return Call(77, "casewright:http", {"url": "https://api.example.org/orders?key=1", **inputs})


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was called")


def test_json_goes_out_and_comes_back_with_decimals_kept() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, content=b'{"total": 0.10}', headers={"content-type": "application/json"})

    outcome = connector(answer)(call(method="post", body={"sum": Decimal("1.50")}, headers={"X-Key": "k", "Host": "h"}))

    (request,) = seen
    assert request.url.host == PUBLIC
    assert request.extensions["sni_hostname"] == "api.example.org"
    assert request.headers["host"] == "api.example.org"
    assert (request.headers["idempotency-key"], request.headers["x-key"]) == ("77", "k")
    assert request.content == b'{"sum":1.50}'
    assert outcome.variables == {"status": 201, "body": {"total": Decimal("0.10")}}
    assert outcome.note == "POST https://api.example.org/orders answered 201"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://evil.example/", "not among those"),
        ("https://api.example.org.evil.example/", "not among those"),
        ("https://partner.example/", "not among those"),
        ("file:///etc/passwd", "no http"),
        ("https://", "no http"),
        ("https://api.example.org:port/", "no address"),
        (None, "no url"),
        (7, "no url"),
    ],
)
def test_only_hosts_that_are_allowed_are_called(url: object, words: str) -> None:
    with pytest.raises(ServiceFailed, match=words) as caught:
        connector(never)(call(url=url))
    assert caught.value.is_final


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1%eth0", "fd00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "100.64.0.1", "224.0.0.1"],
)  # fmt: skip
def test_an_allowed_name_with_a_private_address_is_not_called(address: str) -> None:
    with pytest.raises(ServiceFailed, match="private"):
        connector(never, {"api.example.org": [address]})(call())


def test_a_private_host_may_be_allowed_by_its_full_name() -> None:
    limits = HttpLimits(private_hosts=("crm.internal",))
    answering = httpx.MockTransport(lambda request: httpx.Response(204))
    http = HttpConnector(limits, resolve=lambda host, port: ["10.0.0.5"], transport=answering)
    assert http(call(url="http://crm.internal/x")).variables == {"status": 204, "body": None}


def test_redirects_are_followed_to_allowed_places_only_and_without_secrets() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        target = {"/orders": "https://a.partner.example/two", "/two": "http://inside.partner.example/"}[
            request.url.path
        ]
        return httpx.Response(302, headers={"location": target})

    addresses = {"api.example.org": [PUBLIC], "a.partner.example": [PUBLIC], "inside.partner.example": ["10.1.1.1"]}
    with pytest.raises(ServiceFailed, match="private"):
        connector(answer, addresses)(call(headers={"Authorization": "Bearer x"}))
    assert [each.headers.get("authorization") for each in seen] == ["Bearer x", None]

    endless = connector(lambda request: httpx.Response(302, headers={"location": "/orders"}))
    with pytest.raises(ServiceFailed, match="more than 5"):
        endless(call())
    with pytest.raises(ServiceFailed, match="leads elsewhere"):
        endless(call(method="POST"))


def test_what_the_other_side_says_decides_what_happens() -> None:
    def status(code: int) -> HttpConnector:
        return connector(lambda request: httpx.Response(code, json={"why": "no"}))

    with pytest.raises(ServiceError) as caught:
        status(404)(call())
    assert (caught.value.code, caught.value.variables) == ("HTTP_404", {"status": 404, "body": {"why": "no"}})
    for code in (500, 503, 429):
        with pytest.raises(ServiceFailed) as failed:
            status(code)(call())
        assert not failed.value.is_final


def test_an_answer_that_is_too_large_or_no_json_has_failed() -> None:
    with pytest.raises(ServiceFailed, match="more than 100 bytes"):
        connector(lambda request: httpx.Response(200, content=b"x" * 101), response_bytes=100)(call())
    broken = {"content-type": "application/json"}
    with pytest.raises(ServiceFailed, match="no JSON"):
        connector(lambda request: httpx.Response(200, content=b"{", headers=broken))(call())
    with pytest.raises(ServiceFailed, match="none of"):
        connector(never)(call(method="TRACE"))


class Slow(BaseHTTPRequestHandler):
    """Answers the path it was asked for; `/slow` drips without end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        released = threading.Event()
        try:
            while self.path == "/slow":
                self.wfile.write(b" ")
                released.wait(0.02)
        except OSError:
            return
        self.wfile.write(json.dumps({"path": self.path, "host": self.headers["Host"]}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_real_call_reaches_the_address_that_was_checked(server: int) -> None:
    limits = HttpLimits(private_hosts=("crm.internal",), timeout_seconds=0.3)
    http = HttpConnector(limits, resolve=lambda host, port: ["127.0.0.1"])
    outcome = http(call(url=f"http://crm.internal:{server}/x"))
    assert outcome.variables["body"] == {"path": "/x", "host": f"crm.internal:{server}"}
    with pytest.raises(ServiceFailed, match="longer than"):
        http(call(url=f"http://crm.internal:{server}/slow"))
    with pytest.raises(ServiceFailed, match="did not work"):
        http(call(url="http://crm.internal:9/"))
