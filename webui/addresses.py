"""Keys in addresses: whole numbers that the database can hold; anything larger is simply not there."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

LARGEST_KEY = 2**63 - 1


class IntegerKeyConverter(IntegerConverter):
    """`<int:key>` in an address."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_KEY)


def key_of(text: str) -> int:
    """A key given as an argument; 0, which is nobody's, for one that cannot be."""
    key = int(text)
    return key if 0 < key <= LARGEST_KEY else 0
