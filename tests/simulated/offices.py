"""An office where people made of code work through complaints, straight with the engine and by a clock of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from sqlalchemy import select

from engine.commands import AnswerForCustomer, CompleteTask, ResolveIncident
from engine.connectors.base import Call, Outcome, ServiceError, ServiceFailed
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import Actor, Definition, Role
from engine.model.identity import ENGINE
from tests.processes.texts import FORMS, LIBRARY
from tests.simulated.filling import Filler
from tests.simulated.people import WISHES
from tests.world import World, somebody

GROUPS = (
    "intake", "product-quality", "service-quality", "operations", "finance", "quality", "team-leads", "compliance",
    "staff",
)  # fmt: skip
PEOPLE = tuple(
    somebody(name, Role.STAFF, Role.TEAM_LEAD, groups=GROUPS, key=100 + number)
    for number, name in enumerate(("ann", "bob", "cleo", "dev"))
)
WILLING = {"complaint-withdrawal": 0.02, "customer-information": 0.1, "customer-answer": 0.6, "satisfaction": 0.5}


def library() -> tuple[tuple[str, bytes], ...]:
    """The files that come with Casewright."""
    files = sorted([*LIBRARY.glob("*.*"), *FORMS.glob("*.form")])
    return tuple((path.name, path.read_bytes()) for path in files)


class Office:
    """The library in force, customers who complain, and clerks who work at random hours."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self._random = world, random
        found = [json.loads(path.read_text("utf-8")) for path in FORMS.glob("*.form")]
        self._forms = {form["id"]: form for form in found}
        world.connectors["casewright:mail"] = self._mail
        world.deploy(*library())
        self._ids = {each.key: each.definition_id for each in world.rows(select(Definition))}

    def file(self, number: int) -> int:
        """File a complaint."""
        channel = self._random.choice(["web", "phone", None])
        return self.world.start(
            "complaint-handling", ENGINE, description=f"Complaint {number}: it leaks again.",
            productOrService=self._random.choice(["Kettle", "Toaster", "Hotline"]), customerName=f"Customer {number}",
            requestDetails="My money back.", email=self._random.choice(["a@example.org", "b@example.org"]),
            language=self._random.choice(["en", "zh_Hans"]), **({"channel": channel} if channel else {}),
        ).key  # fmt: skip

    def work(self, rounds: int) -> None:
        """Let some hours pass and some tasks be done, again and again."""
        for _ in range(rounds):
            self.world.clock.turn(hours=self._random.choice([0, 1, 3, 9, 20, 50]), seconds=self._random.randint(0, 999))
            self.world.run_due()
            for act in list(self._acts()):
                act()
                self.world.run_due()

    def _acts(self) -> Iterator[Callable[[], None]]:
        for task in self.world.tasks():
            if self._random.random() < 0.6:
                yield lambda task=task: self._complete(task)  # type: ignore[misc]
        for incident in self.world.incidents():
            if self._random.random() < 0.5:
                yield lambda incident=incident: self.world.do(ResolveIncident(incident.key))  # type: ignore[misc]
        for each in self.world.subscriptions():
            if each.form_id and self._random.random() < WILLING.get(each.form_id, 0.2) / 2:
                yield lambda each=each: self._answer(each)  # type: ignore[misc]

    def _complete(self, task: Any) -> None:
        form = self._forms.get(self._ids.get(task.form_key, ""))
        submitted = self._filled(form, self.world.instance(task.instance_key).variables) if form else {}
        for person in self._random.sample(PEOPLE, len(PEOPLE)):
            if self._tried(CompleteTask(task.key, submitted), person):
                return

    def _answer(self, subscription: Any) -> None:
        data = self.world.instance(subscription.instance_key).variables
        form = self._forms[subscription.form_id]
        self._tried(AnswerForCustomer(subscription.key, self._filled(form, data)), PEOPLE[0])

    def _filled(self, form: Any, data: dict[str, Any]) -> dict[str, Any]:
        return Filler(self._random, WISHES, self.world.clock()).fill(form, data)

    def _mail(self, call: Call) -> Outcome:
        """Mails sometimes come back, or fail for a while."""
        chance = self._random.random()
        if chance < 0.06:
            raise ServiceError("MAIL_UNDELIVERABLE" if chance < 0.04 else "MAIL_LOST", "the mailbox is full")
        if chance < 0.12:
            raise ServiceFailed("the server is busy")
        return Outcome({})

    def _tried(self, command: Any, actor: Actor) -> bool:
        """Whether it was allowed: somebody else may have to do it, or it is over already."""
        try:
            self.world.do(command, actor)
        except (Refused, Invalid, Forbidden, NotFound):
            return False
        return True
