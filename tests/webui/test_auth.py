"""Signing in and out, sessions, forged requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.commands import ChangeUser, SetPassword
from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(browser: Browser) -> None:
    response = browser.get("/inbox?view=groups")
    assert response.status_code == 303
    assert response.location == "/sign-in?next=/inbox?view%3Dgroups"
    browser.get(response.location)
    response = browser.post(
        "/sign-in", {"username": "staff", "password": "a password for tests", "next": "/inbox?view=groups"}
    )
    assert response.location == "/inbox?view=groups"


STRANGE_ADDRESSES = ("//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:1", "x")


@pytest.mark.parametrize("address", STRANGE_ADDRESSES)
def test_nobody_is_led_to_another_host(browser: Browser, address: str) -> None:
    browser.get("/sign-in")
    data = {"username": "staff", "password": "a password for tests", "next": address}
    assert browser.post("/sign-in", data).location == "/"


def test_a_wrong_password_is_said_in_words_and_the_user_name_stays(browser: Browser) -> None:
    response = browser.sign_in("staff", "wrong")
    assert response.status_code == 422
    assert "user name and password that belong together" in words(response)
    assert 'value="staff"' in response.text
    assert "wrong" not in response.text.replace('data-kind="wrong"', "")


def test_many_wrong_passwords_slow_down(browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("staff", "wrong")
    assert "too many" in words(browser.sign_in("staff"))


def test_signing_out_ends_the_session(signed_in: SignedIn) -> None:
    browser = signed_in("staff")
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/inbox").status_code == 303


def test_a_new_password_ends_the_sessions_of_the_old_one(signed_in: SignedIn, office: World) -> None:
    browser = signed_in("staff")
    office.do(SetPassword("staff", "quite another password"), CONSOLE)
    assert browser.get("/inbox").status_code == 303


def test_roles_count_as_they_are_now(signed_in: SignedIn, office: World) -> None:
    browser = signed_in("staff")
    assert browser.get("/people").status_code == 403
    office.do(ChangeUser("staff", roles=("staff", "admin")), CONSOLE)
    assert browser.get("/people").status_code == 200


def test_a_closed_account_is_out_at_once(signed_in: SignedIn, office: World) -> None:
    browser = signed_in("staff")
    office.do(ChangeUser("staff", is_active=False), CONSOLE)
    assert browser.get("/inbox").status_code == 303


def test_a_forged_form_changes_nothing(signed_in: SignedIn) -> None:
    browser = signed_in("staff")
    browser.token = "forged"
    response = browser.post("/account/password", {"old": "x", "password": "y" * 12, "again": "y" * 12})
    assert response.status_code == 400
    assert "out of date" in words(response)
    browser.token = ""
    assert browser.send("/start/repair", {}).status_code == 400


def test_a_script_is_told_that_the_session_ended_and_where_to_sign_in(browser: Browser) -> None:
    response = browser.send("/tasks/1/draft", {}, base_url="http://localhost")
    assert response.status_code == 401
    assert response.json["sign_in"].startswith("/sign-in")
    assert "is kept" in response.json["message"]


def test_cookies_and_headers_are_strict(browser: Browser) -> None:
    response = browser.get("/sign-in")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe-eval" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert "<script>" not in response.text and "onclick" not in response.text


def test_a_request_that_is_too_large_is_refused_in_words(signed_in: SignedIn) -> None:
    browser = signed_in("staff")
    response = browser.post("/tasks/1/comment", {"text": "x" * 600_000})
    assert response.status_code == 413
    assert "too large" in words(response)


def test_health(browser: Browser) -> None:
    assert browser.get("/health").json == {"status": "ok"}


def test_a_page_that_is_not_there(browser: Browser, signed_in: SignedIn) -> None:
    assert browser.get("/no-such-page").status_code == 404
    assert "There is no such page" in words(signed_in("staff").get("/no-such-page"))
