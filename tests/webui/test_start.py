"""Starting a case."""

from __future__ import annotations

from collections.abc import Callable

from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


def test_a_case_is_started_and_shown(signed_in: SignedIn, office: World) -> None:
    browser = signed_in("staff")
    assert "repair" in words(browser.get("/start"))
    assert "Nothing needs to be filled in" in words(browser.get("/start/repair"))
    response = browser.post("/start/repair")
    (case,) = office.instances()
    assert response.location == f"/cases/{case.key}"
    assert case.initiator == "staff"


def test_a_process_that_is_not_there(signed_in: SignedIn) -> None:
    browser = signed_in("staff")
    assert browser.get("/start/nonsense").status_code == 404
    assert browser.post("/start/nonsense").status_code == 404


def test_data_that_no_form_asks_for_is_refused(signed_in: SignedIn, office: World) -> None:
    assert signed_in("staff").send("/start/repair", {"amount": 1}).status_code == 422
    assert office.instances() == []
