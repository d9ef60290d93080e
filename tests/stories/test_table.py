"""docs/elements.md says what the engine does: every element is run and shown by a story, or refused at deployment."""

from __future__ import annotations

import pytest

from engine.bpmn import support
from engine.bpmn.support import Key
from tests.engine.bpmn.diagrams import process
from tests.stories import table
from tests.stories.variants import VARIANTS, Variant

KEYS = [key for grid in table.grids() for keys in grid.rows.values() for key in keys if key]


def test_the_page_is_up_to_date() -> None:
    written = table.PAGE.read_text("utf-8")
    assert written == table.page(), "Write it anew with: python -m tests.stories.table"


def test_the_page_has_all_that_is_run() -> None:
    flows = {("sequenceFlow", "condition", "activity")}
    assert set(support.SUPPORTED) - flows <= set(KEYS)


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_element_is_run_or_refused_by_name(key: Key) -> None:
    refusals = table.refusals(key)
    if key in support.SUPPORTED:
        assert refusals == []
    else:
        assert refusals and {problem.element_id for problem in refusals} == {"n"}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_variant_means_something_or_is_refused(variant: Variant) -> None:
    refused = table.errors(process(variant.content, variant.roots))
    assert bool(refused) != bool(variant.meaning)
