"""Forms: form-js schemas read, checked, filled and their answers validated; knows no database, no BPMN and no page."""

from __future__ import annotations

from engine.forms.form import Form
from engine.forms.reading import parse

__all__ = ["Form", "parse"]
