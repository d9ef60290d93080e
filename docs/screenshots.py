"""Makes the pictures of the README: a small office on a fresh server, seen in a real browser (`make screenshots`)."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, expect  # noqa: E402

from tests.browser import acts  # noqa: E402
from tests.browser.modeling import Drawing  # noqa: E402
from tests.browser.people import Filed, Person  # noqa: E402
from tests.browser.words import words  # noqa: E402
from tests.chromium import CHROMIUM, launched  # noqa: E402
from tests.served import Served, served  # noqa: E402
from tests.simulated.people import Clerk, Customer  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
WINDOW = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
LOCALES = {"en": "en-GB", "zh_Hans": "zh-CN"}
COMPLAINTS = (
    ("Coffee machine X2", "Sophie Martin", "The pump stopped after three weeks, and the shop says it is not theirs."),
    ("Gas bill 10/2026", "Tom Becker", "I was billed twice for the same month."),
    ("订单 88213", "李伟", "收到的商品与描述不符，客服一直没有回复。"),
    ("Window repair", "Ayşe Yılmaz", "Nobody came at the time agreed, for the second time."),
    ("Savings account", "John Miller", "The branch closed my account without a word."),
    ("Train ticket 5521", "Elena Popova", "The refund you promised in August has not arrived."),
)


class Photographer:
    """Opens windows, and takes their pictures."""

    def __init__(self, browser: Browser, server: Served) -> None:
        self._browser = browser
        self._server = server

    def window(self, username: str = "", language: str = "en", size: dict[str, int] = WINDOW) -> Person:
        context = self._browser.new_context(
            base_url=self._server.address, viewport=size, locale=LOCALES[language], color_scheme="light",
            reduced_motion="reduce",
        )  # fmt: skip
        person = Person(context.new_page(), words(language), language)
        if username:
            person.sign_in(username)
        return person

    def take(self, person: Person, name: str) -> None:
        """What the window shows, when everything in it has come to rest."""
        person.page.wait_for_load_state("networkidle")
        person.page.mouse.move(0, 0)
        path = PICTURES / f"{name}.png"
        person.page.screenshot(path=path, animations="disabled", caret="hide")
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")


def main() -> int:
    if not CHROMIUM:
        print("There is no chromium on this machine; .ci/browser installs it.", file=sys.stderr)
        return 1
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory() as directory,
        served(Path(directory) / "data") as server,
        launched() as browser,
    ):
        photographer = Photographer(browser, server)
        fill_office(server)
        customer = photographer.window(size=PHONE)
        filed = customers_side(photographer, customer)
        staffs_side(photographer, server, filed)
        in_chinese(photographer, filed)
        customer.page.goto(filed.status_page)
        photographer.take(customer, "customer-status")
        owners_side(photographer)
    return 0


def fill_office(server: Served) -> None:
    """Other cases, so that lists look as in life; it is a Tuesday morning."""
    now = server.clock()
    morning = dt.datetime.combine(now.date() + dt.timedelta(days=8 - now.weekday()), dt.time(8, 40), dt.UTC)
    server.clock.turn(morning - now)
    with Customer(server.address, Random(3), server.clock) as customer:
        for about, name, told in COMPLAINTS:
            customer.file("complaint-handling", {"productOrService": about, "customerName": name, "description": told})
    server.settle()
    with Clerk(server.address, Random(4), server.clock) as clerk:
        clerk.sign_in("chen")
        for key in list(clerk.inbox())[:4]:
            clerk.work(key)
    server.turn(hours=3, minutes=20)


def customers_side(photographer: Photographer, customer: Person) -> Filed:
    customer.page.goto("/service/complaint-handling")
    customer.write("What happened?", acts.COMPLAINTS["en"]["happened"])
    photographer.take(customer, "customer-form")
    return acts.file(customer)


def staffs_side(photographer: Photographer, server: Served, filed: Filed) -> None:
    """Up to the approval, with pictures on the way."""
    anna, lena = photographer.window("anna"), photographer.window("lena")
    acts.assess(anna, filed)
    anna.page.goto("/inbox?view=groups")
    photographer.take(anna, "inbox")
    acts.investigate(lena, filed, "Operations")
    ben = photographer.window("ben")
    acts.give_opinion(ben, filed)
    lena.open_task("Propose a resolution", filed.reference)
    lena.pick("What do we offer?", "Refund")
    lena.write("Amount", "1200")
    photographer.take(lena, "task")
    acts.propose(lena, filed, "Refund", "1200")
    acts.approve(photographer.window("liu"), filed)
    server.settle()
    adil = photographer.window("adil")
    adil.open_case(filed.reference)
    photographer.take(adil, "case")
    adil.timeline().get_by_text("because").first.scroll_into_view_if_needed()
    photographer.take(adil, "case-why")


def in_chinese(photographer: Photographer, filed: Filed) -> None:
    chen = photographer.window("chen", "zh_Hans")
    chen.page.goto("/inbox?view=groups")
    photographer.take(chen, "inbox-zh")
    liu = photographer.window("liu", "zh_Hans")
    liu.open_case(filed.reference)
    photographer.take(liu, "case-zh")


def owners_side(photographer: Photographer) -> None:
    olga = photographer.window("olga")
    page = olga.page
    page.goto("/processes")
    photographer.take(olga, "processes")
    page.goto("/projects")
    page.select_option("#process_id", "complaint-handling")
    page.locator("form[action$='/projects/open'] button").click()
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    project = page.url
    drawing = Drawing(olga).open(f"{project}/files/complaint-handling.bpmn")
    drawing.select("propose")
    photographer.take(olga, "editor")
    drawing.field("name").fill("Propose what we offer")
    drawing.field("name").blur()
    expect(drawing.state).to_have_text("Saved")
    page.goto(f"{project}/publish")
    photographer.take(olga, "publish")
    page.goto(f"{project}/play")
    page.locator("a.row-link").first.click()
    photographer.take(olga, "play")


if __name__ == "__main__":
    sys.exit(main())
