"""The process owner's pages: what is in force, and putting new files into force."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from engine.model import Definition
from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World, diagram, flow, form, task

SignedIn = Callable[[str], Browser]
GOOD = diagram("repair", "<start/>" + task("look", name="Look twice", form="looked") + "<end/>"
               + flow("start", "look", "end"))  # fmt: skip
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def key_of(office: World, kind: str, definition_id: str) -> int:
    """The newest version."""
    return int(
        office.rows(
            select(Definition)
            .where(Definition.kind == kind, Definition.definition_id == definition_id)
            .order_by(Definition.version.desc())
        )[0].key
    )


def count(office: World) -> int:
    return int(office.rows(select(func.count()).select_from(Definition))[0])


def upload(browser: Browser, *files: tuple[str, str | bytes], **fields: str) -> TestResponse:
    parts: MultiDict[str, Any] = MultiDict({"csrf_token": browser.token, **fields})
    for name, text in files:
        content = text.encode() if isinstance(text, str) else text
        parts.add("files", FileStorage(io.BytesIO(content), name))
    # written out at once, since the client would leave its temporary files open
    boundary, body = encode_multipart(parts)
    with browser.client.open(
        "/processes/deploy", method="POST", data=body, content_type=f'multipart/form-data; boundary="{boundary}"'
    ) as response:
        return response


def test_what_is_in_force_is_listed_by_kind(signed_in: SignedIn) -> None:
    owner = signed_in("process-owner")
    for kind, name in (("process", "repair.bpmn"), ("form", "looked.form"), ("catalogue", "zh_Hans.po")):
        assert name in words(owner.get(f"/processes?kind={kind}"))
    assert "Nothing of this kind is in force yet" in words(owner.get("/processes?kind=decision"))
    assert "repair.bpmn" in words(owner.get("/processes?kind=nonsense"))


def test_a_process_shows_its_steps_what_it_uses_and_its_versions(signed_in: SignedIn, office: World) -> None:
    office.start("repair", CONSOLE)
    owner = signed_in("process-owner")
    response = owner.get(f"/processes/{key_of(office, 'process', 'repair')}")
    page = words(response)
    assert "What it uses" in page and "looked" in page and "Look at it" in page
    assert f"/processes/{key_of(office, 'form', 'looked')}" in response.text
    page = words(owner.get(f"/processes/{key_of(office, 'form', 'looked')}"))
    assert "Where it is used" in page and "repair" in page


def test_the_file_comes_back_as_it_was(signed_in: SignedIn, office: World) -> None:
    response = signed_in("auditor").get(f"/processes/{key_of(office, 'form', 'looked')}/file")
    assert "looked.form" in response.headers["Content-Disposition"] and '"finding"' in response.text
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("path", ["/processes/1", f"/processes/{10**40}", "/processes/1/file", "/processes/x"])
def test_what_is_not_there_is_not_found(signed_in: SignedIn, path: str) -> None:
    assert signed_in("process-owner").get(path).status_code == 404


def test_deploying_makes_a_new_version_and_running_cases_stay(signed_in: SignedIn, office: World) -> None:
    key = office.start("repair", CONSOLE).key
    owner = signed_in("process-owner")
    response = upload(owner, ("repair.bpmn", GOOD), name="Look twice")
    assert response.status_code == 303
    assert "1 definition is in force." in words(owner.get(response.location))
    page = words(owner.get(f"/processes/{key_of(office, 'process', 'repair')}"))
    assert "version 2" in page and "Look twice" in page
    assert office.instance(key).definition_key != key_of(office, "process", "repair")
    upload(owner, ("repair.bpmn", GOOD))
    assert "Nothing has changed" in words(owner.get("/processes"))


def test_checking_deploys_nothing(signed_in: SignedIn, office: World) -> None:
    before, owner = count(office), signed_in("process-owner")
    response = upload(owner, ("repair.bpmn", GOOD), check="1")
    assert response.status_code == 200 and "Checked repair.bpmn: no problems." in words(response)
    response = upload(owner, ("repair.bpmn", GOOD.replace('formId="looked"', 'formId="lost"')), check="1")
    assert "The form 'lost' is named here" in words(response)
    assert count(office) == before


@pytest.mark.parametrize(
    ("name", "text", "sentence", "place"),
    [
        ("a.bpmn", "<definitions><oh", "not well-formed XML", "a.bpmn"),
        ("a.bpmn", XXE, "has a DOCTYPE", "a.bpmn"),
        ("a.bpmn", b"x" * 10_000_000, "larger than", "a.bpmn"),
        ("a.bpmn", GOOD.replace('formId="looked"', 'formId="lost"'), "The form 'lost' is named here", "line"),
        ("a.bpmn", GOOD.replace('candidateGroups="staff"', 'candidateGroups="=if a then"'), "not valid FEEL", "look"),
        ("a.bpmn", GOOD.replace("<bpmn:endEvent", "<bpmn:miracle id='m'/><bpmn:endEvent"), "miracle", "line"),
        ("a.bpmn", GOOD.replace('<bpmn:startEvent id="start" name="begin"/>', ""), "", "a.bpmn"),
        ("a.form", "{", "not valid JSON", "a.form"),
        ("a.dmn", XXE, "has a DOCTYPE", "a.dmn"),
        ("a.exe", "MZ", "Files of this kind are not known", "a.exe"),
        ("../../etc/passwd.form", "{", "not valid JSON", "passwd.form"),
        ("<script>alert(1)</script>.form", "{", "not valid JSON", "script&gt;.form"),
    ],
    ids=["broken", "xxe", "large", "no-form", "feel", "element", "no-start", "form", "dmn", "kind", "path", "html"],
)
def test_a_bad_file_gets_a_sentence_with_its_place_and_deploys_nothing(
    signed_in: SignedIn, office: World, name: str, text: str | bytes, sentence: str, place: str
) -> None:
    before, owner = count(office), signed_in("process-owner")
    response = upload(owner, (name, text), ("good.form", form("good", ("a", "textfield"))))
    page = words(response)
    assert response.status_code == 422
    assert "Nothing was put into force. Mend these problems and try again." in page
    assert sentence in page and (place in page or place in response.text)
    assert "root:" not in page and "Traceback" not in page and "<script>alert" not in response.text
    assert count(office) == before


def test_problems_are_told_in_chinese(signed_in: SignedIn, office: World) -> None:
    owner = signed_in("process-owner")
    owner.post("/account/language", {"language": "zh_Hans", "next": "/processes"})
    page = words(upload(owner, ("a.bpmn", GOOD.replace('candidateGroups="staff"', 'candidateGroups="=if a then"'))))
    assert "没有发布任何内容" in page
    assert "“Look twice”的候选小组不是有效的 FEEL" in page and "表达式结束得太早" in page


def test_nothing_or_too_much_is_refused(signed_in: SignedIn, office: World) -> None:
    owner = signed_in("process-owner")
    assert "Choose at least one file." in words(upload(owner))
    assert upload(owner, ("a.bpmn", b"x" * 33 * 1024 * 1024)).status_code == 413


def test_retiring_and_taking_up_again(signed_in: SignedIn, office: World) -> None:
    owner, key = signed_in("process-owner"), key_of(office, "process", "repair")
    owner.post(f"/processes/{key}/retire")
    assert "Retired: takes no new cases" in words(owner.get(f"/processes/{key}"))
    owner.post(f"/processes/{key}/retire")
    assert "Retired" not in words(owner.get(f"/processes/{key}"))
    assert signed_in("operator").post(f"/processes/{key}/retire").status_code == 403


def test_names_in_a_sentence_are_emphasised_and_harmless(signed_in: SignedIn) -> None:
    nameless = diagram("p", task("look", name="x")).replace('name="p"', 'name="&lt;b&gt;Repair"')
    answer = upload(signed_in("process-owner"), ("p.bpmn", nameless))
    assert "The process <em>&lt;b&gt;Repair</em> has no start event" in answer.text
