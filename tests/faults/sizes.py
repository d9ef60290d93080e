"""How much is broken: a little in the suite, much in the night (`make faults`)."""

from __future__ import annotations

import os

KILLS = int(os.environ.get("CASEWRIGHT_TEST_KILLS", "20"))
"""Of processes, in all tests together."""
RIVALS = int(os.environ.get("CASEWRIGHT_TEST_RIVALS", "25"))
"""Tasks that two people complete in the same moment."""
TIMERS = int(os.environ.get("CASEWRIGHT_TEST_TIMERS", "40"))
"""Due in the same second."""
IS_NIGHT = KILLS > 20

KILLS_OF_MOVERS = KILLS * 3 // 10
"""On each database."""
KILLS_OF_SERVER = KILLS // 10
KILLS_OF_FLEET = KILLS * 3 // 10
"""Of the server and of a worker beside it, on PostgreSQL."""
