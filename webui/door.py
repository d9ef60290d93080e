"""The pages' way to the engine: ask a question or give a command, in the name of whoever is signed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g

from engine.command import Command
from engine.engine import Engine

Answer = TypeVar("Answer")


def engine() -> Engine:
    return cast(Engine, current_app.extensions["casewright"])


def now() -> dt.datetime:
    """What time it is on the engine's clock, which tests and demonstrations turn by hand."""
    return engine().clock()


def ask(question: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """The answer to a question of `engine.queries`, as the signed-in actor may see it."""
    return engine().query(question, g.actor, *args, **kwargs)


def do(command: Command) -> Any:
    """Carry out a command as the signed-in actor. Raises an EngineError, which the application turns into a page."""
    return engine().execute(command, g.actor)
