"""The translations that process owners deployed together with their diagrams, forms and decision tables."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.model import Actor, Definition, Resource


def translations(session: Session, actor: Actor, language: str) -> Mapping[str, str]:
    """English text → translation, of all catalogues of a language; where they differ, the newest wins.

    Everybody may ask: labels are shown wherever a diagram's text is, also on public pages.
    """
    newest = select(func.max(Definition.key)).where(Definition.kind == "catalogue").group_by(Definition.definition_id)
    rows = session.execute(
        select(Definition.key, Definition.definition_id).where(Definition.key.in_(newest)).order_by(Definition.key)
    )
    keys = tuple(key for key, definition_id in rows if _is_of(definition_id, language))
    if not keys:
        return MappingProxyType({})
    merged = _merged.get(keys)
    if merged is None:
        merged = MappingProxyType(
            {text: words for key in keys for text, words in _read(_content(session, key)).items()}
        )
        _merged.clear()
        _merged[keys] = merged
    return merged


_merged: dict[tuple[int, ...], Mapping[str, str]] = {}
"""The catalogues in force, read once; a deployed catalogue never changes, so its key says it all."""


def _is_of(definition_id: str, language: str) -> bool:
    """Catalogues are called by their language alone or at the end: `zh_Hans`, `complaints.zh_Hans`."""
    return re.split(r"[./-]", definition_id)[-1] == language


def _content(session: Session, key: int) -> bytes:
    return session.scalars(
        select(Resource.content).join(Definition, Definition.resource_key == Resource.key).where(Definition.key == key)
    ).one()


@lru_cache(maxsize=32)
def _read(content: bytes) -> Mapping[str, str]:
    # Loaded by the first catalogue: English pages of a library without one do without.
    from babel.messages.pofile import read_po

    catalogue = read_po(io.BytesIO(content))
    return {
        str(entry.id): str(entry.string)
        for entry in catalogue
        if entry.id and isinstance(entry.id, str) and entry.string and not entry.fuzzy
    }
