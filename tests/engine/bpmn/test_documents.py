"""Whatever bytes are handed in: a root element, or one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import xml_files
from engine.bpmn import check, compile, documents, parse, texts
from engine.bpmn.documents import read_document
from engine.errors import Invalid

COMPLAINT = Path(__file__).parents[3] / "processes" / "complaint-handling.bpmn"


def refusal(xml: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_document(xml, "x.bpmn")
    (problem,) = caught.value.problems
    assert problem.resource == "x.bpmn"
    return problem.message


def test_says_where_broken_xml_breaks() -> None:
    with pytest.raises(Invalid) as caught:
        read_document(b"<definitions>\n  <process>\n</definitions>", "x.bpmn")
    (problem,) = caught.value.problems
    assert problem.line == 3
    assert problem.message.startswith("The file is not well-formed XML. Reading stopped at line 3, column ")
    assert "process" in problem.message and problem.message.endswith(".")


@pytest.mark.parametrize("xml", [b"", b"  \n "])
def test_empty_file(xml: bytes) -> None:
    assert refusal(xml) == "The file is empty."


def test_refuses_doctype_and_reads_no_file() -> None:
    xml = b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>'
    assert refusal(xml).startswith("The file has a DOCTYPE.")


def test_refuses_growing_entities() -> None:
    grow = b"".join(b'<!ENTITY e%d "%s">' % (i, b"&e%d;" % (i - 1) * 10) for i in range(1, 9))
    xml = b'<!DOCTYPE d [<!ENTITY e0 "ha">' + grow + b']><definitions a="&e8;">&e8;</definitions>'
    assert refusal(xml)


def test_refuses_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(b" " * (xml_files.MAX_BYTES + 1)) == "The file is larger than 10 MB."
    monkeypatch.setattr(documents, "MAX_ELEMENTS", 3)
    assert refusal(b"<a><b/><b/><b/></a>") == "The file has more than 3 XML elements."


def test_refuses_deep_nesting() -> None:
    assert refusal(b"<a>" * 5000 + b"</a>" * 5000)


def test_refuses_other_xml() -> None:
    assert "<html>" in refusal(b"<html/>")
    assert "<definitions>" in refusal(b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>')


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The complaint process with some bytes cut out, put in, doubled or replaced."""
    xml = bytearray(COMPLAINT.read_bytes())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(xml) - 1))
        length = draw(st.integers(0, 200))
        piece = draw(st.one_of(st.binary(max_size=6), st.just(bytes(xml[at : at + length])), st.sampled_from(_PIECES)))
        xml[at : at + draw(st.sampled_from([0, 1, length]))] = piece
    return bytes(xml)


_PIECES = [
    b'"',
    b"<",
    b"/>",
    b"</bpmn:process>",
    b"&amp;",
    b"=",
    b'id=""',
    b"<bpmn:userTask/>",
    b"<!--",
    b"]]>",
    b"&x;",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damaged())
def test_damage_never_raises_anything_but_invalid(xml: bytes) -> None:
    try:
        diagram = parse(xml, "x.bpmn")
    except Invalid as invalid:
        assert all(problem.message for problem in invalid.problems)
        return
    problems = check(diagram)
    assert all(problem.message for problem in problems)
    texts(diagram)
    if not any(problem.severity == "error" for problem in problems):
        for model in diagram.executable():
            compile(model)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(xml: bytes) -> None:
    with pytest.raises(Invalid):
        parse(xml, "x.bpmn")


def attributes_swapped() -> list[tuple[str, str]]:
    text = COMPLAINT.read_text("utf-8")
    names = ["sourceRef", "targetRef", "attachedToRef", "messageRef", "default", "id", "processId", "expression"]
    return [(name, text.replace(f' {name}="', f' x-{name}="')) for name in names]


@pytest.mark.parametrize(("name", "text"), attributes_swapped())
def test_missing_attributes_are_problems_and_no_crash(name: str, text: str) -> None:
    problems = check(parse(text.encode(), "x.bpmn"))
    assert [problem for problem in problems if problem.severity == "error"], name
