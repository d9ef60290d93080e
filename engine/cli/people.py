"""Accounts and groups from a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click

from engine.cli.assembly import installation
from engine.commands import ChangeUser, CreateGroup, CreateUser, SetPassword
from engine.queries import Role, people

_password = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    envvar="CASEWRIGHT_NEW_PASSWORD",
    help="Asked for when it is not given.",
)
_roles = click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
_groups = click.option("--group", "groups", multiple=True, metavar="GROUP")


@click.group()
def user() -> None:
    """People with accounts."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", default="")
@click.option("--language", default="en", show_default=True)
@_roles
@_groups
@_password
def add(
    username: str, name: str, email: str, language: str, roles: Sequence[str], groups: Sequence[str], password: str
) -> None:
    """Make an account."""
    with installation() as (engine, _, actor):
        engine.execute(
            CreateUser(username, name, password, tuple(roles), tuple(groups), email=email, language=language), actor
        )
    click.echo(f"{username} can sign in now.")


@user.command()
@click.argument("username")
@_password
def password(username: str, password: str) -> None:
    """Give an account a new password."""
    with installation() as (engine, _, actor):
        engine.execute(SetPassword(username, password), actor)
    click.echo(f"{username} has a new password.")


@user.command()
@click.argument("username")
@click.option("--on/--off", "is_active", default=None, help="Whether the account can sign in.")
@_roles
@_groups
def change(username: str, is_active: bool | None, roles: Sequence[str], groups: Sequence[str]) -> None:
    """Switch an account on or off, or give it other roles or groups."""
    with installation() as (engine, _, actor):
        engine.execute(
            ChangeUser(username, is_active=is_active, roles=tuple(roles) or None, groups=tuple(groups) or None), actor
        )


@user.command("list")
def list_users() -> None:
    """List all accounts."""
    with installation() as (engine, _, actor):
        for person in engine.query(people.people, actor):
            state = "" if person.is_active else "  (off)"
            roles, groups = ",".join(person.roles), ",".join(person.groups)
            click.echo(f"{person.username}  {person.name}  {roles or '-'}  {groups or '-'}{state}")


@click.group()
def group() -> None:
    """Groups, to which tasks are offered."""


@group.command("add")
@click.argument("group_id", metavar="ID")
@click.argument("name")
def add_group(group_id: str, name: str) -> None:
    """Make a group."""
    with installation() as (engine, _, actor):
        engine.execute(CreateGroup(group_id, name), actor)


@group.command("list")
def list_groups() -> None:
    """List all groups with their people."""
    with installation() as (engine, _, actor):
        for row in engine.query(people.groups, actor):
            click.echo(f"{row.group_id}  {row.name}  {', '.join(row.members) or '-'}")
