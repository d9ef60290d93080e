"""What simulated customers and clerks do with the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Self

from engine.cli.demo import PASSWORD
from tests.simulated.filling import Filler
from tests.simulated.visitors import Gone, Note, Unexpected, Visitor, links, shown_form, unnoted

TASK = r"/tasks/(\d+)(\?.*)?"
Clock = Callable[[], Any]
WISHES: Mapping[str, Callable[[Random], Any]] = {
    "answer": lambda chance: "rejected" if chance.random() < 0.25 else "accepted",
    "approval": lambda chance: "returned" if chance.random() < 0.15 else "approved",
    "compensationAmount": lambda chance: round(chance.lognormvariate(6, 1.5)) + 1,
    "departments": lambda chance: (
        chance.sample(["service-quality", "product-quality", "operations", "finance", "quality"], chance.randint(1, 3))
        if chance.random() < 0.4
        else []
    ),
    "effective": lambda chance: "yes" if chance.random() < 0.8 else "no",
    "noEmail": lambda chance: False,
    "similarCases": lambda chance: chance.choice([0, 0, 0, 1, 3]),
}
"""Decisions with the weight they have in life; all others are even chance."""


class Simulated:
    """Somebody at a browser, which is closed at the end."""

    def __init__(self, address: str, random: Random, clock: Clock, note: Note = unnoted) -> None:
        self._visitor = Visitor(address, note)
        self._random = random
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._visitor.__exit__()


class Customer(Simulated):
    """Somebody who complains, and then follows the case on the status page."""

    def file(self, process_id: str, known: Mapping[str, Any]) -> str:
        """File a case with what is known of it; the address of its status page."""
        page = self._visitor.get("open public form", f"/service/{process_id}")
        form = shown_form(page)
        assert form is not None
        filler = Filler(self._random, {name: _always(value) for name, value in known.items()}, self._clock())
        response = self._visitor.post("file a case", form.address, filler.fill(form.schema, form.data))
        if response.status_code != 200:
            raise Unexpected(f"a complaint was refused: {response.text}")
        filed = self._visitor.get("filed page", response.json()["location"])
        (status,) = links(filed, r"/status/[^/]+/[^/]+")
        return status

    def visit(self, status: str, willing: Mapping[str, float]) -> tuple[bool, bool]:
        """Look at a case and perhaps answer one question: whether it is closed, and whether an answer was given.

        `willing` says how likely each kind of question, by the form's id, is answered.
        """
        page = self._visitor.get("status page", status)
        is_closed = not page.xpath("//main//*[@data-state='current']")
        # one answer may put an end to the other questions
        answered = any(self._answer(question, willing) for question in links(page, r"/status/[^/]+/[^/]+/\d+"))
        return is_closed, answered

    def _answer(self, question: str, willing: Mapping[str, float]) -> bool:
        if self._random.random() >= max(willing.values()):
            return False
        try:
            form = shown_form(self._visitor.get("open question", question))
        except Gone:
            return False
        if form is None or self._random.random() >= willing.get(form.schema["id"], 0) / max(willing.values()):
            return False
        answer = Filler(self._random, WISHES, self._clock()).fill(form.schema, form.data)
        return self._visitor.post("answer a question", form.address, answer).status_code == 200


class Clerk(Simulated):
    """A member of staff who works through the inbox."""

    def sign_in(self, username: str) -> Self:
        self.username = username
        self._visitor.sign_in(username, PASSWORD)
        return self

    def inbox(self, view: str = "groups") -> Iterator[str]:
        """The keys of all tasks in a view of the inbox."""
        number = 1
        while True:
            page = self._visitor.get("inbox", f"/inbox?view={view}&page={number}")
            yield from (link.split("?")[0].rsplit("/", 1)[1] for link in links(page, TASK))
            if not page.xpath("//nav//a[@rel='next']"):
                return
            number += 1

    def work(self, key: str) -> bool:
        """Do a task; not when somebody else was faster, or may alone do it."""
        address = f"/tasks/{key}?view=groups"
        page = self._visitor.get("open a task", address)
        form = shown_form(page)
        if form is not None and form.is_open:
            data = Filler(self._random, WISHES, self._clock()).fill(form.schema, form.data)
            if self._random.random() < 0.3:
                self._visitor.press("take a task", f"/tasks/{key}/claim")
            if form.draft_address and self._random.random() < 0.2:
                self._visitor.post("save a draft", form.draft_address, data)
            response = self._visitor.post("complete a task", form.address, data)
        elif page.xpath(f"//form[starts-with(@action, '/tasks/{key}/complete')]"):
            response = self._visitor.post("complete a task", f"/tasks/{key}/complete", {})
        else:
            return False
        return response.status_code == 200

    def give(self, key: str, username: str) -> bool:
        """Give a task to somebody else, as a team lead may; not to somebody who may not do it."""
        self._visitor.get("open a task", f"/tasks/{key}?view=all")
        return self._visitor.press("give a task", f"/tasks/{key}/assign", username=username).status_code == 200


def _always(value: Any) -> Callable[[Random], Any]:
    return lambda random: value
