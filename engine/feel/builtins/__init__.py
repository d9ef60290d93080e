"""The built-in functions of DMN 1.5 and Camunda's extensions, by family; knows nothing of syntax."""

from __future__ import annotations

from engine.feel.builtins import contexts, conversion, lists, numeric, spans, strings, temporal
from engine.feel.builtins.registry import BY_NAME, Builtin, Parameter, Unsuitable, unfit

__all__ = ["BUILTINS", "BY_NAME", "Builtin", "Parameter", "Unsuitable", "unfit"]

BUILTINS: tuple[Builtin, ...] = tuple(BY_NAME.values())

_FAMILIES = (contexts, conversion, lists, numeric, spans, strings, temporal)
