"""Built-in functions that compare points and ranges, and the one that reads a range from text."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
