"""A process that does jobs until it is killed: `python -m tests.engine.executor.killed DATABASE EFFECTS`.

Every call of the service appends its job's key to the file of effects, as a bank would book a payment by it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from engine.connectors import Call, Connectors, Outcome
from engine.engine import Engine
from engine.executor import EmbeddedExecutor


def main(url: str, effects: Path) -> None:
    def book(call: Call) -> Outcome:
        with effects.open("a") as file:
            file.write(f"{call.key}\n")
        time.sleep(0.01)
        return Outcome({"booked": call.key})

    engine = Engine(url, secret=b"a secret of thirty-two bytes or so").open()
    executor = EmbeddedExecutor(
        engine, Connectors({"book": book}), status_link=lambda reference: "", threads=3, lease_seconds=1
    )
    executor.start()
    print("working", flush=True)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
