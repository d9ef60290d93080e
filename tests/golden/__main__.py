"""Adds the states that the version at hand dumps: `python -m tests.golden VERSION`."""

from __future__ import annotations

import sys

from tests.golden import write

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say which version these are the states of: python -m tests.golden 0.1.0")
    print(write(sys.argv[1]))
