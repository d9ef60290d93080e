"""Every page × every role: who may open what is this table, and no page is missing from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from engine.model import Role
from engine.queries import Permission
from tests.webui.browser import Browser

STAFF, LEAD, OWNER = Role.STAFF, Role.TEAM_LEAD, Role.PROCESS_OWNER
AUDITOR, OPERATOR, ADMIN = Role.AUDITOR, Role.OPERATOR, Role.ADMIN
EVERYBODY = frozenset(Role)
ANYBODY = None
"""Also who is not signed in."""

MAY: dict[str, frozenset[Role] | None] = {
    "static": ANYBODY,
    "health": ANYBODY,
    "auth.sign_in": ANYBODY,
    "auth.sign_in_post": ANYBODY,
    "auth.sign_out": ANYBODY,
    "account.language": ANYBODY,
    "account.index": EVERYBODY,
    "account.password": EVERYBODY,
    "inbox.home": EVERYBODY,
    "inbox.index": frozenset({STAFF, LEAD, AUDITOR, ADMIN}),
    "tasks.task": frozenset({STAFF, LEAD, AUDITOR, ADMIN}),
    "tasks.claim": frozenset({STAFF, LEAD}),
    "tasks.release": frozenset({STAFF, LEAD}),
    "tasks.put_off": frozenset({STAFF, LEAD}),
    "tasks.draft": frozenset({STAFF, LEAD}),
    "tasks.complete": frozenset({STAFF, LEAD}),
    "tasks.assign": frozenset({LEAD, ADMIN}),
    "tasks.comment": frozenset({STAFF, LEAD, ADMIN}),
    "start.index": frozenset({STAFF, LEAD, OWNER, ADMIN}),
    "start.process": frozenset({STAFF, LEAD, OWNER, ADMIN}),
    "start.process_post": frozenset({STAFF, LEAD, OWNER, ADMIN}),
    "users.index": frozenset({ADMIN}),
    "users.new": frozenset({ADMIN}),
    "users.create": frozenset({ADMIN}),
    "users.person": frozenset({ADMIN}),
    "users.change": frozenset({ADMIN}),
    "users.password": frozenset({ADMIN}),
    "users.groups": frozenset({ADMIN}),
    "users.create_group": frozenset({ADMIN}),
    "cases.index": EVERYBODY,
    "cases.case": EVERYBODY,
    "cases.diagram": EVERYBODY,
    "cases.comment": frozenset({STAFF, LEAD, ADMIN}),
    "cases.for_customer": frozenset({STAFF, LEAD, ADMIN}),
    "cases.for_customer_post": frozenset({STAFF, LEAD, ADMIN}),
    "cases.cancel": frozenset({LEAD, OPERATOR, ADMIN}),
    "cases.suspend": frozenset({OPERATOR, ADMIN}),
    "cases.resume": frozenset({OPERATOR, ADMIN}),
    "moves.move": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.move_post": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.version": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.version_post": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.batch": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.report": frozenset({OWNER, OPERATOR, ADMIN}),
    "moves.rest": frozenset({OPERATOR, ADMIN}),
    "moves.go_on": frozenset({OPERATOR, ADMIN}),
    "workbench.index": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "workbench.definition": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "workbench.file": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "workbench.deploy": frozenset({OWNER, ADMIN}),
    "workbench.deploy_post": frozenset({OWNER, ADMIN}),
    "workbench.retire": frozenset({OWNER, ADMIN}),
    "project_work.preview": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "project_work.try_decision": frozenset({OWNER, ADMIN}),
    "project_work.texts": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "project_work.save_texts": frozenset({OWNER, ADMIN}),
    "comparison.index": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "comparison.versions": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "replay.index": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "replay.run": frozenset({OWNER, ADMIN}),
    "replay.cases": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.index": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.open_process": frozenset({OWNER, ADMIN}),
    "projects.new": frozenset({OWNER, ADMIN}),
    "projects.project": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.add": frozenset({OWNER, ADMIN}),
    "projects.change_file": frozenset({OWNER, ADMIN}),
    "projects.file": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.content": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.save": frozenset({OWNER, ADMIN}),
    "projects.presence": frozenset({OWNER, ADMIN}),
    "projects.check": frozenset({OWNER, ADMIN}),
    "drawing.variables": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "drawing.add_form": frozenset({OWNER, ADMIN}),
    "projects.download": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "projects.discard": frozenset({OWNER, ADMIN}),
    "publishing.publish": frozenset({OWNER, ADMIN}),
    "publishing.publish_post": frozenset({OWNER, ADMIN}),
    "publishing.reviews": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "publishing.review": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "publishing.review_post": frozenset({OWNER, ADMIN}),
    "rules.index": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "rules.change": frozenset({OWNER, ADMIN}),
    "rules.templates": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "rules.templates_json": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "rules.save_template": frozenset({OWNER, ADMIN}),
    "rules.remove_template": frozenset({OWNER, ADMIN}),
    "play.index": frozenset({OWNER, ADMIN}),
    "play.step": frozenset({OWNER, ADMIN}),
    "play.back": frozenset({OWNER, ADMIN}),
    "play.restart": frozenset({OWNER, ADMIN}),
    "play.save": frozenset({OWNER, ADMIN}),
    "play.diagram": frozenset({OWNER, ADMIN}),
    "scenarios.index": frozenset({OWNER, ADMIN}),
    "publications.publication": frozenset({OWNER, AUDITOR, OPERATOR, ADMIN}),
    "publications.end_trial": frozenset({OWNER, ADMIN}),
    "publications.going_back": frozenset({OWNER, ADMIN}),
    "publications.go_back": frozenset({OWNER, ADMIN}),
    "audit.index": frozenset({AUDITOR, ADMIN}),
    "audit.verify": frozenset({AUDITOR, ADMIN}),
    "operations.index": frozenset({OPERATOR, ADMIN}),
    "operations.resolve": frozenset({OPERATOR, ADMIN}),
    "operations.retry": frozenset({OPERATOR, ADMIN}),
    "operations.outbox": frozenset({AUDITOR, OPERATOR, ADMIN}),
    "portal.index": ANYBODY,
    "portal.file": ANYBODY,
    "portal.file_post": ANYBODY,
    "portal.filed": ANYBODY,
    "portal.enter": ANYBODY,
    "portal.enter_post": ANYBODY,
    "portal.status": ANYBODY,
    "portal.question": ANYBODY,
    "portal.question_post": ANYBODY,
}


def test_the_table_has_every_page_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(MAY)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role.value if role else "nobody")
def test_every_page_opens_for_whom_it_should(
    role: Role | None, app: Flask, signed_in: Callable[[str], Browser], browser: Browser
) -> None:
    person = signed_in(role.value) if role else browser
    if role is None:
        person.get("/sign-in")
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "auth.sign_out" or rule.endpoint not in MAY:
            continue
        may = MAY[rule.endpoint]
        response = _ask(person, rule, app)
        is_open = response.status_code != 403 and not (response.location or "").startswith("/sign-in")
        should_be_open = may is None or (role is not None and role in may)
        if is_open is not should_be_open or response.status_code >= 500:
            wrong.append(f"{rule.endpoint}: {response.status_code}")
    assert wrong == []


def test_every_permission_opens_something_or_is_for_programs(app: Flask) -> None:
    required = {each for view in app.view_functions.values() for each in getattr(view, "access", ()) or ()}
    for_programs = {Permission.JOB_RUN, Permission.PUBLIC_FILE, Permission.MESSAGE_SEND}
    assert set(Permission) - required <= for_programs


def _ask(person: Browser, rule: Rule, app: Flask) -> TestResponse:
    """Ask for a page with things in its address that are not there."""
    values = {name: 1 if "int" in type(converter).__name__.lower() else "x" for name, converter in
              rule._converters.items()}  # fmt: skip
    with app.test_request_context():
        address = url_for(rule.endpoint, **values)
    if "POST" in (rule.methods or ()):
        return person.post(address)
    return person.get(address)
