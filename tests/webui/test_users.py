"""People, groups and one's own account."""

from __future__ import annotations

from collections.abc import Callable

from tests.webui.browser import PASSWORD, Browser, words

SignedIn = Callable[[str], Browser]


def test_a_person_is_added_and_can_sign_in(signed_in: SignedIn, browser: Browser) -> None:
    admin = signed_in("admin")
    admin.get("/people/new")
    data = {"username": "dana", "name": "Dana Novak", "password": PASSWORD, "language": "en",
            "roles": ["staff"], "groups": ["workshop"]}  # fmt: skip
    assert admin.post("/people/new", data).status_code == 303
    assert "Dana Novak" in words(admin.get("/people?q=dana"))
    assert browser.sign_in("dana").status_code == 303
    assert "Workshop" in words(browser.get("/account"))


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    response = admin.post("/people/new", {"username": "d d", "name": "Dana", "password": "short", "language": "en"})
    assert response.status_code == 422
    assert 'id="username-error"' in response.text and 'id="password-error"' in response.text
    assert 'value="Dana"' in response.text
    assert "short" not in response.text.replace("shorten", "")


def test_a_taken_user_name_is_said(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    response = admin.post("/people/new", {"username": "staff", "name": "x", "password": PASSWORD, "language": "en"})
    assert response.status_code == 422 and "is taken" in words(response)


def test_roles_and_groups_are_changed(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    key = key_of(admin, "chen")
    data = {"name": "陈晓梅", "language": "zh_Hans", "is_active": "1", "roles": ["team-lead"], "groups": ["workshop"]}
    assert admin.post(f"/people/{key}", data).status_code == 303
    page = admin.get(f"/people/{key}").text
    assert 'value="team-lead" checked' in page and 'value="staff" checked' not in page


def test_the_last_administrator_stays(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    data = {"name": "A", "language": "en", "is_active": "1", "roles": ["staff"]}
    response = admin.post(f"/people/{key_of(admin, 'admin')}", data)
    assert response.status_code == 422 and "no administrator would be left" in words(response)


def test_a_group_is_made(signed_in: SignedIn) -> None:
    admin = signed_in("admin")
    assert admin.post("/people/groups", {"group_id": "night", "name": "Night shift"}).status_code == 303
    assert "Night shift" in words(admin.get("/people/groups"))
    response = admin.post("/people/groups", {"group_id": "a b", "name": ""})
    assert response.status_code == 422 and 'id="group_id-error"' in response.text


def test_ones_own_password_needs_the_old_one(signed_in: SignedIn, browser: Browser) -> None:
    staff = signed_in("staff")
    new = "quite another password"
    wrong = staff.post("/account/password", {"old": "no", "password": new, "again": new})
    assert wrong.status_code == 422 and 'id="old-error"' in wrong.text
    differ = staff.post("/account/password", {"old": PASSWORD, "password": new, "again": "x"})
    assert differ.status_code == 422 and 'id="again-error"' in differ.text
    assert staff.post("/account/password", {"old": PASSWORD, "password": new, "again": new}).status_code == 303
    assert staff.get("/account").status_code == 200
    assert browser.sign_in("staff", new).status_code == 303


def key_of(admin: Browser, username: str) -> str:
    import re

    page = admin.get(f"/people?q={username}").text
    found = re.search(r"/people/(\d+)", page)
    assert found
    return found[1]
