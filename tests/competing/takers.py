"""A process that does what is due and ends: `python -m tests.competing.takers DATABASE EFFECTS`.

It begins when a line comes in, so that several begin together. Every call appends its job's key to the file of effects,
when it begins and when it ends.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from engine.connectors import Call, Connectors, Outcome
from engine.engine import Engine
from engine.executor import EmbeddedExecutor
from tests.world import MONDAY


def main(url: str, effects: Path) -> None:
    def note(call: Call) -> Outcome:
        for word in ("begins", "ends"):
            with effects.open("a") as file:
                file.write(f"{call.root_key} {word}\n")
            time.sleep(0.002)  # long enough for another one to come in between, if it could
        return Outcome({})

    engine = Engine(url, secret=b"a secret of thirty-two bytes or so", clock=lambda: MONDAY).open()
    executor = EmbeddedExecutor(engine, Connectors({"note": note}), status_link=lambda reference: "")
    print("ready", flush=True)
    sys.stdin.readline()
    executor.run_due()
    engine.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
