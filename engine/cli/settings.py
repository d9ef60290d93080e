"""Showing the settings, and what each is for."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import fields

import click

from engine import settings as module
from engine.settings import PREFIX, Settings, load

_SECRETS = ("secret", "smtp_password")


@click.command("settings")
def show_settings() -> None:
    """Show every setting, its value here, and what it is for."""
    settings = load()
    said = documentation()
    for field in fields(Settings):
        value = getattr(settings, field.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        shown = "…" if field.name in _SECRETS and text else text
        click.echo(f"{PREFIX}{field.name.upper()}={shown}")
        click.echo(textwrap.fill(said[field.name], 100, initial_indent="    ", subsequent_indent="    "))


def documentation() -> dict[str, str]:
    """What each setting is for: the text below its line in the code, so that it is written in one place only."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in zip(body, body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
