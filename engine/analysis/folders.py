"""What a folder of files is about: the process that calls the others."""

from __future__ import annotations

from collections.abc import Iterable

from engine import bpmn
from engine.errors import Invalid


def main_process(files: Iterable[tuple[str, bytes]]) -> str:
    """The one process among the files that no other of them calls. Raises Invalid when there is none, or several."""
    found: dict[str, None] = {}
    called: set[str] = set()
    for name, content in files:
        if name.lower().endswith(".bpmn"):
            for model in bpmn.parse(content, name).executable():
                found[model.id] = None
                mentions = {each.reference.id for each in bpmn.references(model) if each.kind == "process"}
                called |= mentions - {model.id}
    callers = [id for id in found if id not in called]
    if len(callers) != 1:
        raise Invalid(
            "Expected one process that no other among the files calls, but there are {count}: {processes}. Say which.",
            count=len(callers), processes=", ".join(callers),
        )  # fmt: skip
    return callers[0]
