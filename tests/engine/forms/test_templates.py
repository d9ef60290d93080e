"""Texts with FEEL inside."""

from __future__ import annotations

import time

import pytest

from engine import feel
from engine.forms.templates import TemplateRefused, compile_template, is_template

DATA = {"name": "Ann", "late": True, "lines": [{"item": "a"}, {"item": "b"}], "amount": 5}


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("plain", "plain"),
        ("Hi {{name}}!", "Hi Ann!"),
        ("Hi {{ nobody }}!", "Hi !"),
        ("{{amount + 1}} {{late}}", "6 true"),
        ("{{#if late}}late{{/if}}{{#if amount > 9}}much{{/if}}", "late"),
        ("{{#loop lines}}{{item}}-{{parent.name}} {{/loop}}", "a-Ann b-Ann "),
        ("{{#loop amount}}{{this}}{{/loop}}", "5"),
        ('="Hi " + name', "Hi Ann"),
        ("{{}} {{", " {{"),
    ],
)
def test_rendering(text: str, rendered: str) -> None:
    assert compile_template(text).render(DATA) == rendered


def test_what_is_a_template() -> None:
    assert is_template("{{a}}") and is_template("=a")
    assert not is_template("a {{ b") and not is_template(5)


@pytest.mark.parametrize("text", ["{{#if a}}x", "{{/loop}}", "{{#if a}}{{/loop}}"])
def test_what_does_not_close_is_refused(text: str) -> None:
    with pytest.raises(TemplateRefused):
        compile_template(text)


def test_broken_feel_is_refused() -> None:
    with pytest.raises(feel.FeelSyntaxError):
        compile_template("{{a +}}")


def test_what_it_reads() -> None:
    assert ("customer", "name") in compile_template("{{#if customer.name != null}}{{x}}{{/if}}").paths


def test_many_openings_take_no_time() -> None:
    started = time.process_time()
    compile_template("{{" * 200_000)
    assert time.process_time() - started < 1
