"""The pages' way to the engine: ask a question or give a command, in the name of whoever is signed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g

from engine.command import Command
from engine.engine import Engine
from engine.queries import Actor

Answer = TypeVar("Answer")


def engine() -> Engine:
    return cast(Engine, current_app.extensions["casewright"])


def now() -> dt.datetime:
    """What time it is on the engine's clock, which tests and demonstrations turn by hand."""
    return engine().clock()


def ask(question: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """The answer to a question of `engine.queries`, as the signed-in actor may see it."""
    return ask_as(g.actor, question, *args, **kwargs)


def ask_as(actor: Actor, question: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """The same for another actor. All questions of a request look at one moment, until it changes something."""
    if "reader" not in g:
        g.reader = engine().reader()
    return cast(Answer, g.reader.query(question, actor, *args, **kwargs))


def look_no_longer(error: BaseException | None = None) -> None:
    """Let go of the database; the next question looks anew."""
    if reader := g.pop("reader", None):
        reader.close()


def do(command: Command) -> Any:
    """Carry out a command as the signed-in actor. Raises an EngineError, which the application turns into a page."""
    look_no_longer()
    return engine().execute(command, g.actor)
