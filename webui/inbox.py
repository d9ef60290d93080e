"""The inbox: what is to be done, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries import Permission, work
from engine.queries.stranded import stranded
from webui.auth import may_open, requires, signed_in
from webui.door import ask, now

blueprint = Blueprint("inbox", __name__)
reads_tasks = requires(Permission.TASK_WORK, Permission.TASK_READ_ALL)

_HOMES = ("inbox.index", "cases.index", "workbench.index", "audit.index", "operations.index", "users.index")


@dataclass(frozen=True)
class Choice:
    """What the reader chose to see; part of the address, so that it can be sent to a colleague."""

    view: work.View
    search: str
    process_id: str
    only_overdue: bool
    sort: work.Sort
    page: int

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.process_id or self.only_overdue)

    @property
    def arguments(self) -> dict[str, Any]:
        """What of it must stand in an address; a page number is not kept, since any other change makes it wrong."""
        chosen = {
            "view": self.view,
            "q": self.search,
            "process": self.process_id,
            "overdue": int(self.only_overdue),
            "sort": "" if self.sort == "due" else self.sort,
        }
        return {name: value for name, value in chosen.items() if value}

    def address(self, **changes: Any) -> str:
        """The inbox as chosen, but for the changes."""
        return url_for("inbox.index", **{**self.arguments, **changes})

    def task_address(self, key: int) -> str:
        """A task beside the list as chosen."""
        return url_for("tasks.task", key=key, **self.arguments)


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """The first page that this person may open."""
    return redirect(url_for(next((page for page in _HOMES if may_open(page)), "account.index")))


@blueprint.get("/inbox")
@reads_tasks
def index() -> ResponseReturnValue:
    choice = chosen()
    page = listed(choice)
    first = (page.page - 1) * work.PAGE_SIZE + 1
    in_vain = ask(stranded) if choice.view == "all" and g.actor.may(Permission.TASK_ASSIGN) else ()
    return render_template("inbox/index.html", page=page, choice=choice, first=first, stranded=in_vain)


def listed(choice: Choice, size: int = work.PAGE_SIZE) -> work.Inbox:
    """The tasks that the reader chose to see."""
    return ask(
        work.inbox,
        now=now(),
        view=choice.view,
        search=choice.search,
        process_id=choice.process_id,
        only_overdue=choice.only_overdue,
        sort=choice.sort,
        page=choice.page,
        size=size,
    )


def chosen() -> Choice:
    """What the address asks for; anything it does not know is as if it were not there."""
    view, sort = request.args.get("view", ""), request.args.get("sort", "")
    usual = "mine" if g.actor.may(Permission.TASK_WORK) else "all"
    if view == "all" and not g.actor.may(Permission.TASK_READ_ALL):
        view = usual
    return Choice(
        view=cast(work.View, view if view in work.VIEWS else usual),
        search=request.args.get("q", "").strip()[:200],
        process_id=request.args.get("process", ""),
        only_overdue=request.args.get("overdue") == "1",
        sort=sort if sort in work.SORTS else "due",
        page=request.args.get("page", 1, type=int),
    )
