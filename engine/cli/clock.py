"""A clock that can be turned ahead by hand, to see what timers do without waiting for them."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import click

from engine.engine import utc_now
from engine.errors import Invalid, Refused
from engine.settings import load

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class TurnableClock:
    """The machine's clock, ahead by what a file says; the file is looked at every time, since others turn it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> dt.datetime:
        return utc_now() + self.ahead

    @property
    def ahead(self) -> dt.timedelta:
        try:
            return dt.timedelta(seconds=float(self._path.read_text()))
        except FileNotFoundError:
            return dt.timedelta()

    def turn(self, by: dt.timedelta) -> None:
        """Turn it further ahead."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(str((self.ahead + by).total_seconds()))
        os.replace(new, self._path)

    def reset(self) -> None:
        """Let it show the machine's time again."""
        self._path.unlink(missing_ok=True)


@click.command()
@click.argument("turn", required=False, metavar="[+TIME|reset]")
def clock(turn: str | None) -> None:
    """Show the test clock, or turn it: +3d, +2h30m, +45m, reset.

    Works only where the setting test_clock (CASEWRIGHT_TEST_CLOCK=1) is on, for the server too; a running server
    notices within a second, and the timers that came due fire.
    """
    settings = load()
    if not settings.test_clock:
        raise Refused(
            "Expected to turn the test clock, but it is off. Set CASEWRIGHT_TEST_CLOCK=1 here and for the server."
        )
    turnable = TurnableClock(settings.clock_file)
    if turn == "reset":
        turnable.reset()
    elif turn:
        turnable.turn(parse_turn(turn))
    click.echo(f"{turnable():%Y-%m-%d %H:%M:%S} UTC, {turnable.ahead} ahead")


def parse_turn(text: str) -> dt.timedelta:
    """A time such as `+2h30m`. Raises Invalid."""
    parts = re.findall(r"(\d+)([wdhms])", text)
    if not re.fullmatch(r"\+(\d+[wdhms])+", text) or not parts:
        raise Invalid("Expected a time to turn the clock by, such as +3d or +2h30m, but got '{text}'.", text=text)
    return sum((dt.timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), dt.timedelta())
