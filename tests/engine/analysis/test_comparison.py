"""Two versions of files are told apart in sentences: everything of behaviour, and nothing that is not there."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from lxml import etree

from engine.analysis.comparison import Comparison, compare
from engine.analysis.sequences import out_of_order
from tests.engine.analysis.complaint_versions import FORM, LIMIT, PROCESS, changed_files, library, replaced

CLOSING = "complaint-closing.bpmn"


def compared(name: str, *pairs: tuple[str, str]) -> Comparison:
    """The library against itself with texts of one file replaced."""
    files = library()
    return compare(files, {**files, name: replaced(files[name], *pairs)})


def sentences(name: str, *pairs: tuple[str, str]) -> list[str]:
    return [change.message for change in compared(name, *pairs).changes]


def test_two_versions_of_the_complaint_process() -> None:
    files = library()
    found = compare(files, {**files, **changed_files()})
    assert found.weight == "behaviour"
    assert [change.message for change in found.changes] == [
        "New: the user task Call the customer, between Set the deadlines and Find out what happened.",
        "Call the customer now asks intake.",
        "Call the customer now has a deadline: 4 hours.",
        "Call the customer now shows the form customer-call.",
        "Approve the resolution now asks team-leads instead of [limitCheck.approverGroup].",
        "Amount > 500 → > 800 in row 3 of Compensation limit.",
        "New: the field Was the customer called?, which must be answered.",
        "After Review left?, the way to Review the decision is now taken when rejections ≤ 3 "
        "instead of when rejections ≤ 2.",
        "The deadline of Confirm by phone or letter is now receivedAt + 6 hours instead of receivedAt + 8 hours.",
        "What do we offer? has a new answer: Voucher.",
        "What should be changed?: the greatest number of letters is now 500 instead of 2000.",
        "Propose a resolution is now called Suggest a resolution.",
        "The note on row 3 of Compensation limit is now “Above 800 another team lead approves.” "
        "instead of “Above 500 another team lead approves.”.",
    ]


def test_backwards_the_same_is_told_as_gone() -> None:
    files = library()
    found = [change.message for change in compare({**files, **changed_files()}, files).changes]
    assert (
        "Gone: the user task Call the customer, which stood between Set the deadlines and Find out what happened."
        in found
    )
    assert "The field Was the customer called? is gone." in found
    assert "What do we offer? no longer has the answer Voucher." in found


def test_the_same_files_do_not_differ() -> None:
    assert compare(library(), library()) == Comparison(())
    assert compare(library(), library()).weight is None


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([('formId="complaint-assessment"', 'formId="complaint-approval"')],
         "Assess the complaint now shows the form complaint-approval instead of complaint-assessment."),
        ([('priority="60"', 'priority="70"')], "Confirm by phone or letter: the priority is now 70 instead of 60."),
        ([('decisionId="complaint-classification"', 'decisionId="service-targets"')],
         "Classify now decides by Service targets instead of Complaint classification."),
        ([('default="Flow_approval-needed_approve"', 'default="Flow_approval-needed_tell-decision"')],
         "When no condition holds, Approval needed? now goes to Send our decision instead of Approve the resolution."),
        ([("=limitCheck.approvalNeeded = false", "=limitCheck.limit &gt;= 800")],
         "After Approval needed?, the way to Send our decision is now taken when limitCheck.limit ≥ 800 "
         "instead of when limitCheck.approvalNeeded = false."),
    ],
)  # fmt: skip
def test_a_property_of_a_step(pairs: list[tuple[str, str]], said: str) -> None:
    assert sentences(PROCESS, *pairs) == [said]


def test_a_limit_of_a_table() -> None:
    cell = '<outputEntry id="compensation-limit_r3_o4">\n          <text>'
    found = compared(LIMIT, (f"{cell}500", f"{cell}800"))
    assert [change.message for change in found.changes] == ["Limit 500 → 800 in row 3 of Compensation limit."]
    assert [(change.before_id, change.after_id) for change in found.changes] == [("compensation-limit_rule3",) * 2]


def test_rows_that_came_went_and_moved() -> None:
    files, root = library(), etree.fromstring(library()[LIMIT])
    (table,) = root.iter("{*}decisionTable")
    rules = list(table.iterchildren("{*}rule"))
    table.remove(rules[0])
    table.remove(rules[2])
    table.insert(list(table).index(rules[1]), rules[2])
    found = compare(files, {**files, LIMIT: etree.tostring(root)})
    assert [change.message for change in found.changes] == [
        "Row 1 of Compensation limit is gone: Danger to health or safety?: true, Amount: -, Approval needed: true, "
        'Who approves: "quality", Deputy: "team-leads", Limit: 0.',
        "Row 3 of Compensation limit is now row 1.",
    ]
    assert {change.weight for change in found.changes} == {"behaviour"}


def test_a_hit_policy_and_a_column() -> None:
    assert sentences(LIMIT, ('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"'), ('label="Deputy"', 'label="Substitute"')) == [
        "Compensation limit now takes its rows by the rule UNIQUE instead of FIRST.",
        "The column Deputy of Compensation limit is now called Substitute.",
    ]


def test_a_translation() -> None:
    files = {
        "zh_Hans.po": b'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Look"\nmsgstr "A"\n'
    }
    found = compare(files, {"zh_Hans.po": files["zh_Hans.po"].replace(b'"A"', b'"B"')})
    assert [change.message for change in found.changes] == ["“Look” is now translated “B” instead of “A”."]
    assert found.weight == "wording"


def test_a_scenario() -> None:
    before = {"name": "A quick case", "steps": [{"task": "assess"}], "expect": {"status": "completed"}}
    after = {**before, "expect": {"status": "active"}}
    found = compare({"quick.scenario": json.dumps(before).encode()}, {"quick.scenario": json.dumps(after).encode()})
    assert [change.message for change in found.changes] == [
        "A quick case: the step or expectation expect.status is now “active” instead of “completed”."
    ]


def test_files_that_are_new_gone_or_broken() -> None:
    files = library()
    found = compare({CLOSING: files[CLOSING], LIMIT: files[LIMIT]}, {CLOSING: b"<broken", FORM: files[FORM]})
    assert sorted(change.message for change in found.changes) == [
        "New file: complaint-approval.form.",
        "The file compensation-limit.dmn is no longer there.",
        "complaint-closing.bpmn has changed, and one of its versions cannot be read.",
    ]


def test_a_step_drawn_anew_is_the_same_step() -> None:
    files = library()
    found = compare(files, {**files, PROCESS: files[PROCESS].replace(b'"approve"', b'"Activity_1x"')})
    assert [change.message for change in found.changes if change.weight == "behaviour"] == [
        "Approve the resolution was replaced by a new element in the same place; to running cases it is another one."
    ]


def test_what_is_only_drawn_differently_changes_nothing_else() -> None:
    found = compared(PROCESS, ('<dc:Bounds x="', '<dc:Bounds x="1'))
    assert [(change.weight, change.message) for change in found.changes] == [
        ("drawing", "In the drawing, 1 shapes or lines lie or look different.")
    ]


@pytest.mark.parametrize("name", [name for name in library() if name.endswith((".bpmn", ".dmn"))])
def test_another_spelling_of_the_same_is_drawing_only(name: str) -> None:
    root = etree.fromstring(library()[name])
    for element in root.iter(etree.Element):
        attributes = dict(reversed(element.attrib.items()))
        element.attrib.clear()
        element.attrib.update(attributes)
        if len(element) and not (element.text or "").strip():
            element.text = "\n\t\t"
        if etree.QName(element).localname in ("BPMNShape", "BPMNEdge", "DMNShape", "DMNEdge"):
            element.set("id", f"{element.get('id')}_x")
    files = library()
    found = compare(files, {**files, name: etree.tostring(root, xml_declaration=True, encoding="UTF-8")})
    assert [(change.weight, change.message) for change in found.changes] == [
        ("drawing", "The file is written differently, but says the same.")
    ]


_REPEATED = frozenset({"incoming", "outgoing"})
"""What says again what the flows say."""


def mutations(content: bytes, random_source: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """A file with one attribute or text of the model changed, many times."""
    root = etree.fromstring(content)
    drawn = {inner for each in root.iter("{*}BPMNDiagram", "{*}DMNDI") for inner in each.iter()}
    spots = [
        (index, key)
        for index, element in enumerate(root.iter(etree.Element))
        if index and element not in drawn and etree.QName(element).localname not in _REPEATED
        for key in [*element.attrib, *(["text"] if (element.text or "").strip() else [])]
        if key != "id"
    ]
    for index, key in random_source.sample(spots, min(count, len(spots))):
        mutated = etree.fromstring(content)
        element = list(mutated.iter(etree.Element))[index]
        if key == "text":
            element.text = f"{(element.text or '').strip()}x"
        else:
            turned = {"true": "false", "false": "true"}
            element.set(key, turned.get(str(element.get(key)), f"{element.get(key)}x"))
        yield f"{etree.QName(element).localname} {key}", etree.tostring(mutated)


@pytest.mark.parametrize("name", [name for name in library() if name.endswith((".bpmn", ".dmn"))])
def test_whatever_changes_is_told(name: str) -> None:
    content = library()[name]
    for what, mutated in mutations(content, random.Random(20), 40):
        weights = {change.weight for change in compare({name: content}, {name: mutated}).changes}
        assert weights & {"behaviour", "wording"}, what


@pytest.mark.parametrize("name", [name for name in library() if name.endswith(".form")])
def test_whatever_changes_in_a_form_is_told(name: str) -> None:
    content, source = library()[name], random.Random(name)
    for _ in range(10):
        schema = json.loads(content)
        component = source.choice(schema["components"])
        key = source.choice([each for each in component if each not in ("id", "layout", "components", "values")])
        value = component[key]
        component[key] = not value if isinstance(value, bool) else {"x": 1} if isinstance(value, dict) else "another"
        if key == "type" or key in ("conditional", "validate") and not isinstance(value, dict):
            continue
        found = compare({name: content}, {name: json.dumps(schema).encode()})
        assert found.weight in ("behaviour", "wording"), (key, value)


def test_what_was_moved_is_as_little_as_possible() -> None:
    assert out_of_order([1, 2, 5, 3, 4]) == [5]
    assert out_of_order([3, 0, 1, 2]) == [3]
    assert out_of_order([]) == out_of_order([0, 1]) == []
