"""Expressions of older engines, and what FEEL they become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.juel import list_to_feel, to_feel
from engine.feel import compile


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${approved}", "=approved"),
        ("#{!approved}", "=approved != true"),
        ("${not approved}", "=approved != true"),
        ("${a == 'x' && !b}", '=a = "x" and b != true'),
        ("${a || b && c > 1}", "=a = true or b = true and c > 1"),
        ("${(a || b) && c}", "=(a = true or b = true) and c = true"),
        ("${!(a == b)}", "=not((a = b))"),
        ("${clarified.equals('yes')}", '=(clarified = "yes")'),
        ("${!clarified.equals('yes')}", '=not((clarified = "yes"))'),
        ("${items.size() >= 2}", "=count(items) >= 2"),
        ("${order.items[0].id}", "=order.items[1].id"),
        ("${a - (b - c) * -2}", "=a - (b - c) * (-2)"),
        ("${a % 2 eq 0}", "=modulo(a, 2) = 0"),
        ("${gender == 'male' ? 'Mr.' : 'Mrs.'}", '=if gender = "male" then "Mr." else "Mrs."'),
        ("${nrOfCompletedInstances == 1}", "=numberOfCompletedInstances = 1"),
        ("${execution.getVariable('x') != null}", "=x != null"),
        ("${dateTime().plusWeeks(1).toDate()}", '=now() + duration("P1W")'),
        ("Order ${id} of ${name}!", '="Order " + string(id) + " of " + string(name) + "!"'),
        ('say "${x}"', '="say \\"" + string(x) + "\\""'),
    ],
)
def test_equivalents(juel: str, feel: str) -> None:
    assert to_feel(juel) == feel
    compile(feel[1:])


@pytest.mark.parametrize(
    "juel",
    [
        "${bean.method()}",
        "${service.call(a, b)}",
        "${execution.processBusinessKey}",
        "${empty x}",
        "${a = b}",
        "${a[b]}",
        "${}",
        "${a",
        "${f(x)}",
        "${" + "(" * 500 + "}",
        "x ${a} ${",
    ],
)
def test_no_equivalent(juel: str) -> None:
    assert to_feel(juel) is None


def test_lists() -> None:
    assert list_to_feel("${groups}") == "=groups"
    assert list_to_feel("${lead}, office") == '=[lead, "office"]'
    assert list_to_feel("${bean.x()}, office") is None


@given(st.text(alphabet="ab12.'\"!=&|()[]?:+-*% ${}#", max_size=30))
def test_never_raises(text: str) -> None:
    to_feel(text)
    list_to_feel(text)
