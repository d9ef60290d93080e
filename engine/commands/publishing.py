"""Putting a project into force, for everybody or for some at first, and going back to an earlier version."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from engine import bpmn
from engine.command import Command, Transaction, not_found
from engine.commands import resources
from engine.commands.deployments import Deployed, begin_to_start, next_number, put_into_force
from engine.commands.projects import NAME_LENGTH, Files, against_house_rules, files_of, in_force, locked
from engine.commands.resources import Reading
from engine.errors import Invalid, Overtaken, Refused
from engine.events import GateOverridden, TrialBegun, TrialEnded, VersionRestored
from engine.model import Definition, Deployment, Group, Permission, Project, Resource
from engine.model.publications import newest_for_everybody, proposed_label, returns
from engine.model.trials import WITHDRAWN
from engine.model.workshop import REVIEW, house_rules_of, review_state, settings_of

NOTE_LENGTH = 10_000


@dataclass(frozen=True)
class Override:
    """Something speaks against publishing, and somebody publishes all the same."""

    gate: str
    """What speaks against it, such as `scenarios` or `replay`."""
    found: str
    reason: str


@dataclass(frozen=True)
class PublishProject(Command):
    """Put a project into force: all that changed in it together, or nothing."""

    permission = Permission.DEFINITION_DEPLOY
    project_key: int
    note: str
    """What changed and why."""
    label: str = ""
    """What people call this version; empty: year, month and a number."""
    trial: str | None = None
    """Whom it is tried out on at first: `percent:10`, or `group:` and the group's id; none: it is for everybody."""
    overrides: tuple[Override, ...] = ()

    def prepare(self, session: Session) -> tuple[Files, Reading]:
        files = files_of(session, self.project_key)
        return files, resources.read(files, session)

    def execute(self, tx: Transaction) -> Deployed:
        project = locked(tx, self.project_key)
        files, reading = tx.prepared
        if files != files_of(tx.session, project.key):
            files = files_of(tx.session, project.key)
            reading = resources.read(files, tx.session)
        note, label = checked_note(self.note), _checked_label(tx, self.label)
        _expect_up_to_date(tx.session, project)
        _expect_reviewed(tx.session, project)
        _expect_house_rules(tx.session, project, files)
        if self.trial is not None:
            _expect_trial(tx, self.trial)
        for override in self.overrides:
            tx.record(project.key, _overridden(project, override))
        deployed = put_into_force(
            tx, reading, files, name=project.name, label=label, note=note, project_key=project.key, trial=self.trial
        )
        if deployed.key is None:
            raise Refused(
                "Expected to publish project '{project}', but nothing in it has changed.", project=project.name
            )
        if self.trial is not None:
            _expect_something_beside(tx, deployed)
            tx.record(deployed.key, TrialBegun(deployed.key, self.trial))
        tx.record(project.key, project.publish(deployed.key, note, label, tx.now))
        return deployed


@dataclass(frozen=True)
class ReturnToVersion(Command):
    """Put an earlier version into force again, as a new one, with all that was published together with the later ones.

    Cases stay in the versions that they are in.
    """

    permission = Permission.DEFINITION_DEPLOY
    definition_key: int
    note: str

    def prepare(self, session: Session) -> tuple[Files, Reading]:
        files = _earlier_files(session, self.definition_key)
        return files, resources.read(files, session)

    def execute(self, tx: Transaction) -> Deployed:
        note, definition = checked_note(self.note), tx.get(Definition, self.definition_key)
        files, reading = tx.prepared
        if files != _earlier_files(tx.session, definition.key):
            files = _earlier_files(tx.session, definition.key)
            reading = resources.read(files, tx.session)
        label = proposed_label(tx.session, tx.now)
        deployed = put_into_force(tx, reading, files, name=definition.name, label=label, note=note)
        if deployed.key is None:
            raise _is_in_force(definition)
        told = VersionRestored(definition.definition_id, definition.version, deployed.key, note)
        tx.record(deployed.key, told)
        return deployed


@dataclass(frozen=True)
class PromoteTrial(Command):
    """Make a version that is tried out the one for everybody."""

    permission = Permission.DEFINITION_DEPLOY
    deployment_key: int
    note: str = ""

    def execute(self, tx: Transaction) -> None:
        deployment = _running_trial(tx, self.deployment_key)
        definitions = _definitions_of(tx, deployment)
        for definition in definitions:
            definition.trial = None
        _end_trial(tx, deployment, "promoted", self.note)
        for definition in definitions:
            if definition.kind == "process":
                begin_to_start(tx, definition)


@dataclass(frozen=True)
class WithdrawTrial(Command):
    """Take back a version that is tried out: new cases begin in the one in force; those that run in it go on."""

    permission = Permission.DEFINITION_DEPLOY
    deployment_key: int
    note: str = ""

    def execute(self, tx: Transaction) -> None:
        deployment = _running_trial(tx, self.deployment_key)
        for definition in _definitions_of(tx, deployment):
            if definition.trial is not None:
                definition.trial = WITHDRAWN
        _end_trial(tx, deployment, "withdrawn", self.note)


def checked_note(note: str) -> str:
    said = note.strip()
    if not said or len(said) > NOTE_LENGTH:
        raise Invalid("Expected a note on what changed and why, but there is none, or one that is far too long.")
    return said


def _checked_label(tx: Transaction, label: str) -> str:
    said = " ".join(label.split())
    if len(said) > NAME_LENGTH:
        raise Invalid("Expected a version name of no more than {limit} letters, but it is longer.", limit=NAME_LENGTH)
    return said or proposed_label(tx.session, tx.now)


def _overridden(project: Project, override: Override) -> GateOverridden:
    reason = override.reason.strip()
    if not reason or len(reason) > NOTE_LENGTH:
        raise Invalid(
            "Expected a reason for publishing although '{gate}' speaks against it, but there is none.",
            gate=override.gate,
        )
    return GateOverridden(project.name, override.gate, override.found, reason)


def _expect_trial(tx: Transaction, trial: str) -> None:
    kind, _, of = trial.partition(":")
    if kind == "percent" and of.isascii() and of.isdecimal() and of == str(int(of)) and 1 <= int(of) <= 99:
        return
    if kind == "group" and tx.session.get(Group, of) is not None:
        return
    raise Invalid(
        "Expected a share of 1 to 99 percent or a group that is there to try the version out on, but it is '{trial}'.",
        trial=trial,
    )


def _expect_something_beside(tx: Transaction, deployed: Deployed) -> None:
    """A trial runs beside a version in force; without one, nobody else could start anything."""
    for each in deployed.definitions:
        if each.kind == "process" and newest_for_everybody(tx.session, "process", each.id) is not None:
            return
    raise Refused("Expected to try out a new version of a process in force, but no process among these files is.")


def _expect_up_to_date(session: Session, project: Project) -> None:
    """Nobody has put another version into force of what this project changes."""
    for file in project.files:
        newest = in_force(session, file) if file.is_changed and not file.is_removed else None
        if newest is not None and newest.key != file.base_resource_key and newest.digest != file.digest:
            raise Overtaken(
                "Expected to publish '{file}' upon the version that it was made from, but another one has come into"
                " force since. Compare both, then keep yours or take the other.",
                file=file.name,
            )


def _expect_reviewed(session: Session, project: Project) -> None:
    """Where a review is wanted, somebody else has approved all that is published, as it is."""
    if settings_of(session, project.process_id).get(REVIEW) == "wanted":
        if review_state(session, project) != "approved":
            raise Refused(
                "Expected to publish project '{project}', but somebody else has to approve it first, as it is now.",
                project=project.name,
            )


def _expect_house_rules(session: Session, project: Project, files: Files) -> None:
    found = against_house_rules(dict(files), house_rules_of(session, project.process_id))
    problems = [problem for problem in found if problem.severity == "error"]
    if problems:
        raise Invalid("Expected files that keep the house rules, but they do not.", problems=problems)


def _earlier_files(session: Session, definition_key: int) -> Files:
    """The files of an earlier version and of what goes back with it; diagrams bring the forms that they hold."""
    definition = session.get(Definition, definition_key, options=[joinedload(Definition.resource)])
    if definition is None:
        raise not_found(Definition, definition_key)
    keys = {each.then.resource_key for each in returns(session, definition)}
    if not keys:
        raise _is_in_force(definition)
    rows = session.scalars(
        select(Resource).where(Resource.key.in_(keys)).order_by(Resource.key).options(undefer(Resource.content))
    )
    files = {row.name: row.content for row in rows}
    held = {
        f"{form.id}.form"
        for name, content in files.items()
        if name.lower().endswith((".bpmn", ".bpmn2", ".bpmn20.xml"))
        for form in bpmn.parse(content, name).forms
    }
    return tuple((name, content) for name, content in sorted(files.items()) if name not in held)


def _is_in_force(definition: Definition) -> Refused:
    return Refused(
        "Expected to return to an earlier version, but version {version} of '{definition}' is in force.",
        version=definition.version, definition=definition.definition_id,
    )  # fmt: skip


def _running_trial(tx: Transaction, key: int) -> Deployment:
    """The deployment that is tried out, under its lock."""
    deployment = tx.session.scalars(select(Deployment).where(Deployment.key == key).with_for_update()).first()
    if deployment is None:
        raise not_found(Deployment, key)
    if deployment.trial_status != "running":
        raise Refused("Expected '{deployment}' to be tried out now, but it is not.", deployment=deployment.name)
    return deployment


def _definitions_of(tx: Transaction, deployment: Deployment) -> list[Definition]:
    wanted = select(Definition).where(Definition.deployment_key == deployment.key).order_by(Definition.key)
    return list(tx.session.scalars(wanted))


def _end_trial(tx: Transaction, deployment: Deployment, status: str, note: str) -> None:
    deployment.trial_status, said = status, note.strip()[:NOTE_LENGTH]
    # What is in force has changed, which everybody notices by a deployment that is newer than all they know.
    tx.add(
        Deployment(
            key=tx.new_key(), number=next_number(tx.session), name=deployment.name, deployed_at=tx.now,
            deployed_by=tx.actor.username, label=deployment.label, note=said, project_key=deployment.project_key,
        )
    )  # fmt: skip
    tx.session.flush()
    tx.record(deployment.key, TrialEnded(deployment.key, status == "promoted", said))
