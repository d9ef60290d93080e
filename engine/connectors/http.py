"""`casewright:http`: a JSON request to a host that the installation allows, and to no private address by accident."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from engine import plain
from engine.connectors.base import Call, Outcome, ServiceError, ServiceFailed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MAXIMUM_REDIRECTS = 5
_SAFE_METHODS = ("GET", "HEAD")
_OUR_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
_HARMLESS_HEADERS = ("accept", "accept-language", "user-agent", "idempotency-key")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as IPv6 networks reach them."""
Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class HttpLimits:
    """What calls may reach, and how much they may take."""

    hosts: tuple[str, ...] = ()
    """`api.example.org` or `*.example.org`; only their public addresses."""
    private_hosts: tuple[str, ...] = ()
    """Hosts written in full whose addresses may be private."""
    timeout_seconds: float = 20
    response_bytes: int = 1_000_000


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class HttpConnector:
    """Inputs `method`, `url`, `headers`, `body`; outputs `status` and `body` (JSON read, other text as it is).

    A status from 400 to 499 is the modelled error `HTTP_<status>`, but for 408, 425 and 429, which are tried again
    like any from 500 on.
    """

    def __init__(
        self, limits: HttpLimits, *, resolve: Resolve = resolve, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._limits = limits
        self._resolve = resolve
        # No proxy from the environment: it would resolve names itself, past the check of addresses.
        self._client = httpx.Client(
            timeout=limits.timeout_seconds, follow_redirects=False, trust_env=False, transport=transport
        )

    def __call__(self, call: Call) -> Outcome:
        method, url, headers, content = _request(call)
        deadline = time.monotonic() + self._limits.timeout_seconds
        try:
            for _ in range(MAXIMUM_REDIRECTS + 1):
                status, answered, body = self._send(method, url, headers, content, deadline)
                target = answered.get("location")
                if status not in (301, 302, 303, 307, 308) or target is None or method not in _SAFE_METHODS:
                    return _outcome(method, url, status, answered, body)
                headers = headers if _same_host(url, urljoin(url, target)) else _without_secrets(headers)
                url = urljoin(url, target)
        except httpx.HTTPError as error:
            raise ServiceFailed(f"{method} {url} did not work: {error or type(error).__name__}") from error
        raise ServiceFailed(f"{method} {url} leads on more than {MAXIMUM_REDIRECTS} times", is_final=True)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, deadline: float
    ) -> tuple[int, httpx.Headers, bytes]:
        parts = urlsplit(url)
        address, port = self._checked(url)
        host = parts.hostname or ""
        # The address that was checked is the one that is called: asking for the name again could give another.
        pinned = httpx.URL(url).copy_with(host=address, port=port)
        authority = parts.netloc.rpartition("@")[2]
        request = self._client.build_request(
            method,
            pinned,
            headers={**headers, "Host": authority},
            content=content,
            extensions={"sni_hostname": host},
        )
        response = self._client.send(request, stream=True)
        try:
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > self._limits.response_bytes:
                    raise ServiceFailed(f"{url} answers more than {self._limits.response_bytes} bytes", is_final=True)
                if time.monotonic() > deadline:
                    raise ServiceFailed(f"{url} takes longer than {self._limits.timeout_seconds} seconds")
            return response.status_code, response.headers, body
        finally:
            response.close()

    def _checked(self, url: str) -> tuple[str, int]:
        """The address and port to call. Raises ServiceFailed unless they are allowed."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError as error:
            raise ServiceFailed(f"'{url}' is no address: {error}", is_final=True) from error
        if parts.scheme not in ("http", "https") or not host:
            raise ServiceFailed(f"'{url}' is no http or https address", is_final=True)
        may_be_private = host in self._limits.private_hosts
        if not may_be_private and not any(_matches(host, pattern) for pattern in self._limits.hosts):
            raise ServiceFailed(f"the host '{host}' is not among those that may be called", is_final=True)
        port = port or (443 if parts.scheme == "https" else 80)
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ServiceFailed(f"the host '{host}' cannot be found: {error}") from error
        allowed = [each for each in addresses if may_be_private or _is_public(each)]
        if not allowed:
            raise ServiceFailed(f"the host '{host}' has a private address, which is not allowed", is_final=True)
        return allowed[0], port


def _request(call: Call) -> tuple[str, str, dict[str, str], bytes | None]:
    inputs = call.variables
    method = str(inputs.get("method") or "GET").upper()
    url, given, body = inputs.get("url"), inputs.get("headers") or {}, inputs.get("body")
    if method not in METHODS:
        raise ServiceFailed(f"'{method}' is none of {', '.join(METHODS)}", is_final=True)
    if not isinstance(url, str) or not url:
        raise ServiceFailed("there is no url to call", is_final=True)
    if not isinstance(given, Mapping):
        raise ServiceFailed("the headers are no object of names and values", is_final=True)
    headers = {"Accept": "application/json", "Idempotency-Key": str(call.key), "User-Agent": "Casewright"}
    for name, value in given.items():
        if name.lower() not in _OUR_HEADERS:
            headers[str(name)] = str(value)
    content = None
    if body is not None:
        content = body.encode() if isinstance(body, str) else plain.dumps(body).encode()
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    return method, url, headers, content


def _outcome(method: str, url: str, status: int, headers: httpx.Headers, body: bytes) -> Outcome:
    told = f"{method} {_without_query(url)} answered {status}"
    if status >= 500 or status in (408, 425, 429):
        raise ServiceFailed(told)
    data = _read(headers, body)
    if status >= 400:
        raise ServiceError(f"HTTP_{status}", told, {"status": status, "body": data})
    if status >= 300:
        raise ServiceFailed(f"{told}, which leads elsewhere", is_final=True)
    return Outcome({"status": status, "body": data}, told)


def _read(headers: httpx.Headers, body: bytes) -> Any:
    if not body:
        return None
    if "json" in headers.get("content-type", ""):
        try:
            return plain.loads(body)
        except (ValueError, RecursionError) as error:
            raise ServiceFailed(f"the answer is no JSON: {error}") from error
    return body.decode("utf-8", errors="replace")


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and host != pattern[2:]
    return host == pattern


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    inside: list[ipaddress.IPv4Address | None] = []
    if isinstance(ip, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        inside = [ip.ipv4_mapped, ip.sixtofour, translated]
    return all(each.is_global and not each.is_multicast for each in (ip, *inside) if each is not None)


def _same_host(url: str, other: str) -> bool:
    return urlsplit(url)[:2] == urlsplit(other)[:2]


def _without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """What is sent along when another host is called than the diagram named."""
    return {name: value for name, value in headers.items() if name.lower() in _HARMLESS_HEADERS}


def _without_query(url: str) -> str:
    """Queries often carry keys, which have no place in the log."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
