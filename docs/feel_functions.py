"""Writes feel-functions.md, the table of all built-in functions, from the engine's own.

python docs/feel_functions.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.feel import BUILTINS
from engine.feel.builtins import Builtin
from engine.feel.builtins.registry import Parameter, Signature

PAGE = Path(__file__).with_name("feel-functions.md")
FAMILIES = {
    "strings": "Texts",
    "numeric": "Numbers",
    "lists": "Lists",
    "contexts": "Contexts",
    "temporal": "Dates and times",
    "conversion": "From one kind to another",
    "spans": "Ranges",
}
HEAD = """# The functions of FEEL

All {count} built-in functions, as the engine knows them and the editor of forms offers them; written by
`python docs/feel_functions.py`. For how to use them see [FEEL in ten minutes](feel-in-ten-minutes.md).

`name?` may be left out; `…name` takes any number of values, and `*name` a list or any number of values. Values may be
given in order or by name: `substring("Kettle", 1, 3)` or `substring(string: "Kettle", start position: 1, length: 3)`.
What does not suit gives null and a reason.
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([HEAD.format(count=len(BUILTINS)), *_families()])


def _families() -> Iterator[str]:
    for module, heading in FAMILIES.items():
        functions = sorted((each for each in BUILTINS if _family(each) == module), key=lambda each: each.name)
        yield f"## {heading}\n"
        yield "| function | what it gives |\n|---|---|"
        for function in functions:
            calls = "<br>".join(f"`{_call(signature)}`" for signature in function.signatures)
            yield f"| {calls} | {_cell(function.help)} |"
        yield ""


def _family(function: Builtin) -> str:
    return function.signatures[0].implementation.__module__.rpartition(".")[2]


def _call(signature: Signature) -> str:
    parameters = ", ".join(map(_parameter, signature.parameters))
    return _cell(f"{signature.function}({parameters}): {signature.result or 'any'}")


def _parameter(parameter: Parameter) -> str:
    before = "…" if parameter.variadic else "*" if parameter.gathers else ""
    return f"{before}{parameter.name}{'?' if parameter.optional else ''}: {parameter.type}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
