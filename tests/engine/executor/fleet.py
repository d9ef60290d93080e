"""A worker of the fleet: `python -m tests.engine.executor.fleet DATABASE EFFECTS NAME`.

Its service writes the job's key and the worker's name to the file of effects; while the file `hang` is beside that, it
never answers.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from engine.connectors import Call, Connectors, Outcome
from engine.engine import Engine
from engine.executor import executor_for


def main(url: str, effects: Path, name: str) -> None:
    def book(call: Call) -> Outcome:
        with effects.open("a") as file:
            file.write(f"{call.key} {name}\n")
        if (effects.parent / "hang").exists():
            threading.Event().wait()
        return Outcome({"booked": call.key})

    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    engine = Engine(url, secret=b"a secret of thirty-two bytes or so").open()
    executor = executor_for(
        engine, Connectors({"book": book}), status_link=lambda reference: "", threads=2, lease_seconds=300
    )
    executor.start()
    print("working", flush=True)
    told.wait()
    executor.stop()
    engine.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
