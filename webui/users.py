"""People, groups and roles, for who looks after accounts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from engine.commands.identity import ChangeUser, CreateGroup, CreateUser, SetPassword
from engine.errors import Invalid, Refused
from engine.queries import Permission, Role, people
from webui.auth import requires
from webui.door import ask, do
from webui.language import message

blueprint = Blueprint("users", __name__, url_prefix="/people")
manages_people = requires(Permission.USER_MANAGE)

ROLES = {
    Role.STAFF: (lazy_gettext("Staff"), lazy_gettext("Works on the tasks of the own groups and starts cases.")),
    Role.TEAM_LEAD: (lazy_gettext("Team lead"), lazy_gettext("Sees all cases and tasks, gives tasks to people.")),
    Role.PROCESS_OWNER: (lazy_gettext("Process owner"), lazy_gettext("Puts new versions of processes into force.")),
    Role.AUDITOR: (lazy_gettext("Auditor"), lazy_gettext("Reads everything, changes nothing.")),
    Role.OPERATOR: (lazy_gettext("Operator"), lazy_gettext("Helps cases that have got stuck.")),
    Role.ADMIN: (lazy_gettext("Administrator"), lazy_gettext("Looks after people, groups and roles.")),
}


@blueprint.get("")
@manages_people
def index() -> ResponseReturnValue:
    search = request.args.get("q", "")
    return render_template(
        "users/index.html", people=ask(people.people, search=search), search=search, roles=ROLES,
        group_names={group.group_id: group.name for group in ask(people.groups)},
    )  # fmt: skip


@blueprint.get("/new")
@manages_people
def new() -> ResponseReturnValue:
    return _person_page(None)


@blueprint.post("/new")
@manages_people
def create() -> ResponseReturnValue:
    form = request.form
    try:
        do(
            CreateUser(
                username=form.get("username", "").strip(),
                name=form.get("name", "").strip(),
                email=form.get("email", "").strip(),
                password=form.get("password", ""),
                language=form.get("language", "en"),
                roles=tuple(form.getlist("roles")),
                groups=tuple(form.getlist("groups")),
            )
        )
    except (Invalid, Refused) as error:
        return _person_page(None, error), 422
    flash(gettext("%(name)s can sign in now.", name=form.get("name")), "done")
    return redirect(url_for(".index"), 303)


@blueprint.get("/<int:key>")
@manages_people
def person(key: int) -> ResponseReturnValue:
    return _person_page(ask(people.person, key))


@blueprint.post("/<int:key>")
@manages_people
def change(key: int) -> ResponseReturnValue:
    form = request.form
    shown = ask(people.person, key)
    try:
        do(
            ChangeUser(
                username=shown.username,
                name=form.get("name", "").strip(),
                email=form.get("email", "").strip(),
                language=form.get("language", "en"),
                is_active=form.get("is_active") == "1",
                roles=tuple(form.getlist("roles")),
                groups=tuple(form.getlist("groups")),
            )
        )
    except (Invalid, Refused) as error:
        return _person_page(shown, error), 422
    flash(gettext("Saved."), "done")
    return redirect(url_for(".person", key=key), 303)


@blueprint.post("/<int:key>/password")
@manages_people
def password(key: int) -> ResponseReturnValue:
    shown = ask(people.person, key)
    try:
        do(SetPassword(shown.username, request.form.get("password", "")))
    except (Invalid, Refused) as error:
        return _person_page(shown, error), 422
    flash(gettext("%(name)s has a new password and must sign in again.", name=shown.name), "done")
    return redirect(url_for(".person", key=key), 303)


@blueprint.get("/groups")
@manages_people
def groups() -> ResponseReturnValue:
    return _groups_page()


@blueprint.post("/groups")
@manages_people
def create_group() -> ResponseReturnValue:
    try:
        do(CreateGroup(request.form.get("group_id", "").strip(), request.form.get("name", "").strip()))
    except (Invalid, Refused) as error:
        return _groups_page(error), 422
    flash(gettext("The group %(name)s is there.", name=request.form.get("name")), "done")
    return redirect(url_for(".groups"), 303)


def _person_page(shown: people.Person | None, error: Invalid | Refused | None = None) -> str:
    """The page of one person, or of a new one; after an error with what was typed."""
    return render_template(
        "users/person.html",
        person=shown,
        typed=request.form if error else None,
        problems=problems_by_field(error),
        groups=ask(people.groups),
        roles=ROLES,
    )


def _groups_page(error: Invalid | Refused | None = None) -> str:
    return render_template(
        "users/groups.html", groups=ask(people.groups), problems=problems_by_field(error), typed=request.form
    )


def problems_by_field(error: Invalid | Refused | None) -> dict[str, str]:
    """What is wrong with each field of a plain form; under the empty name what is wrong with the whole."""
    if error is None:
        return {}
    found = {str(problem.field[0]) if problem.field else "": message(problem) for problem in error.problems}
    return found or {"": message(error)}
