"""Words, dates and times in the reader's language and time zone."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request, session
from flask_babel import Babel, Domain, force_locale, get_locale, gettext, ngettext
from markupsafe import Markup, escape

from engine.errors import EngineError, Problem
from engine.queries import catalogues, people
from webui.door import ask, now
from webui.engine_words import PERMISSIONS, PLACES_OF_WORDS, WORDS

LANGUAGES = {"en": "English", "zh_Hans": "简体中文"}
TRANSLATIONS = Path(__file__).parent / "translations"
CATALOGUES = ("engine.po", "messages.po")
"""Of each language: the sentences of the engine, and the texts of the pages, which win."""


@runtime_checkable
class Explained(Protocol):
    """Something that was refused deeper inside, with a sentence of its own."""

    template: str
    values: Mapping[str, Any]


class PoDomain(Domain):  # type: ignore[misc]
    """Catalogues read straight from their .po files, so nothing needs compiling before the pages speak Chinese."""

    def get_translations(self) -> NullTranslations:
        language = str(get_locale())
        if language not in self.cache:
            folder = TRANSLATIONS / language / "LC_MESSAGES"
            self.cache[language] = _load([folder / name for name in CATALOGUES])
        return cast(NullTranslations, self.cache[language])


def _load(paths: list[Path]) -> NullTranslations:
    """What these catalogues say, the earlier ones first."""
    found: Translations | None = None
    for path in filter(Path.exists, paths):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file))
        compiled.seek(0)
        translations = Translations(compiled)
        found = translations if found is None else found.merge(translations)
    return found or NullTranslations()


def init_language(app: Flask, time_zone: str) -> None:
    babel = Babel()
    babel.init_app(app, locale_selector=language, timezone_selector=lambda: time_zone)
    babel.domain_instance = PoDomain()
    app.extensions["time_zone"] = ZoneInfo(time_zone)
    app.jinja_env.filters.update(
        counted=counted, day_text=day_text, due=due, label=label, moment=moment, group=group,
        person=person, since=relative, span=span, when=when, words=emphasised
    )
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, language=language, language_tag=language_tag, now=now)


def understood(code: str | None) -> str | None:
    """The language of ours that a language code means: `zh`, `zh-CN` and `zh_Hans` are all 简体中文."""
    if not code:
        return None
    short = code.replace("-", "_").split("_")[0].lower()
    return {"en": "en", "zh": "zh_Hans"}.get(short)


def language() -> str:
    """Chosen on the page, else set on the account, else asked for by the browser, else English."""
    chosen = understood(session.get("language"))
    if chosen:
        return chosen
    if g.actor.key and (own := understood(g.actor.language)):
        return own
    for code, _ in request.accept_languages:
        if asked := understood(code):
            return asked
    return "en"


def language_tag() -> str:
    """The reader's language as HTML names it."""
    return language().replace("_", "-")


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Speak a certain language for a while, whoever reads."""
    with force_locale(code):
        yield


def message(error: EngineError | Problem) -> str:
    """What went wrong, in the reader's language."""
    return sentence(error.template, error.values)


def emphasised(error: EngineError | Problem) -> Markup:
    """The same on a page, where the names that the engine puts between asterisks are emphasised."""
    template = re.sub(r"\*(\{\w+\})\*", r"<em>\1</em>", str(escape(gettext(error.template)))) if error.template else ""
    return Markup(template).format(**{name: _readable(name, value) for name, value in error.values.items()})


def sentence(template: str, values: Mapping[str, Any]) -> str:
    """An engine sentence in the reader's language, its values filled in as people read them."""
    if not template:
        return ""
    return gettext(template).format(**{name: _readable(name, value) for name, value in values.items()})


def _readable(name: str, value: Any) -> Any:
    """A value that the engine fills in, as people read it: times, people, texts of diagrams, words, sentences."""
    if isinstance(value, Explained):
        return sentence(value.template, value.values)
    if isinstance(value, dict) and value.keys() == {"template", "values"}:
        return sentence(value["template"], value["values"])
    if isinstance(value, dt.datetime):
        return moment(value)
    if name == "time" and isinstance(value, str):
        return moment(dt.datetime.fromisoformat(value))
    if name == "user" and isinstance(value, str):
        return person(value)
    if name == "permission":
        return gettext(PERMISSIONS.get(str(value), str(value)))
    if name in PLACES_OF_WORDS and isinstance(value, str) and value in WORDS:
        return gettext(value)
    if name in ("task", "label", "element") and isinstance(value, str):
        return label(value)
    return value


def label(text: str | None) -> str:
    """A text of a diagram, form or decision table, translated through the deployed catalogues."""
    return words_of_processes().get(text, text) if text else ""


def words_of_processes() -> Mapping[str, str]:
    """The deployed catalogues for the reader's language: English text → translation; empty for English."""
    if "words" not in g:
        code = language()
        g.words = {} if code == "en" else ask(catalogues.translations, code)
    return cast(Mapping[str, str], g.words)


def person(username: str | None) -> str:
    """The name of a person, for his user name."""
    match username:
        case None | "":
            return ""
        case "customer":
            return gettext("The customer")
        case "engine":
            return "Casewright"
        case "console":
            return gettext("The command line")
    names = g.setdefault("names", {})
    if username not in names:
        names[username] = ask(people.name, username)
    return cast(str, names[username])


def group(group_id: str) -> str:
    """The name of a group, for its id (or for the name itself), in the reader's language."""
    names = g.setdefault("group_names", {})
    if group_id not in names:
        if "groups" not in g:
            g.groups = ask(people.group_names)
        name = g.groups.get(group_id, group_id)
        # The groups of the demonstration have their words in the pages' own catalogue.
        names[group_id] = label(name) if label(name) != name else gettext(name)
    return cast(str, names[group_id])


def local(at: dt.datetime) -> dt.datetime:
    """A moment on the clocks of this installation."""
    return at.astimezone(cast(ZoneInfo, current_app.extensions["time_zone"]))


def moment(at: dt.datetime | None) -> str:
    """An absolute time as short as it can be: `today 17:30`, `Mon 24 Nov, 17:30`, `24 Nov 2025, 17:30`."""
    if at is None:
        return ""
    here, today = local(at), local(now())
    clock = format_time(here, "HH:mm", locale=_locale())
    days = (here.date() - today.date()).days
    if days in (-1, 0, 1):
        day = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}[days]
        return gettext("%(day)s %(clock)s", day=day, clock=clock)
    if here.year == today.year:
        return f"{day_text(here)} {clock}"
    pattern = "y年M月d日" if _locale().language == "zh" else "d MMM y"
    return f"{format_date(here, pattern, locale=_locale())} {clock}"


def dated(at: dt.datetime) -> str:
    """An absolute time that says its day whatever day it is read: `Mon 24 Nov 17:30`."""
    here = local(at)
    year = "" if here.year == local(now()).year else f" {here.year}"
    if _locale().language == "zh":
        return f"{format_date(here, 'y年M月d日 EEE' if year else 'M月d日 EEE', locale=_locale())} {here:%H:%M}"
    return f"{day_text(here)}{year} {here:%H:%M}"


def day_text(day: dt.date) -> str:
    """A day near by: `Mon 30 Nov`."""
    pattern = "M月d日 EEE" if _locale().language == "zh" else "EEE d MMM"
    return str(format_date(day, pattern, locale=_locale()))


def span(length: dt.timedelta) -> str:
    """A length of time in its greatest unit, or two of them where one would mislead: `45 min`, `3 h`, `2 d 4 h`."""
    minutes = int(abs(length).total_seconds()) // 60
    if minutes < 60:
        return gettext("%(count)s min", count=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        if hours < 4 and minutes >= 5:
            return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
        return gettext("%(count)s h", count=hours)
    days, hours = divmod(hours, 24)
    if days < 3 and hours:
        return gettext("%(days)s d %(hours)s h", days=days, hours=hours)
    return ngettext("%(num)s day", "%(num)s days", days)


def relative(at: dt.datetime | None) -> str:
    """A time as seen from now: `in 3 h`, `2 days ago`, `just now`."""
    if at is None:
        return ""
    length = at - now()
    if abs(length) < dt.timedelta(minutes=1):
        return gettext("just now")
    if length > dt.timedelta():
        return gettext("in %(span)s", span=span(length))
    return gettext("%(span)s ago", span=span(length))


def counted(number: int, most: int = 2_000) -> str:
    """A count as people read it: what is more than the most that is counted is `2000+`."""
    return f"{most}+" if number > most else str(number)


def due(at: dt.datetime | None, *, soon: dt.datetime | None = None) -> str:
    """How a deadline stands: `none`, `ontime`, `soon` or `overdue`; `soon` is when it begins to press."""
    if at is None:
        return "none"
    if at <= now():
        return "overdue"
    return "soon" if now() >= (soon or at - dt.timedelta(hours=4)) else "ontime"


def when(at: dt.datetime | None, style: str = "both") -> Markup:
    """A `<time>` for a page: relative, absolute, dated or both; hovering tells the whole."""
    if at is None:
        return Markup("")
    words = {"relative": relative, "absolute": moment, "dated": dated}.get(style)
    text = words(at) if words else f"{relative(at)} · {moment(at)}"
    whole = _whole(local(at), str(_locale()))
    time = Markup('<time datetime="{}" title="{}" data-when="{}" data-dated="{}">{}</time>')
    return time.format(at.isoformat(timespec="seconds"), whole, style, dated(at), text)


@lru_cache(maxsize=4096)
def _whole(at: dt.datetime, locale: str) -> str:
    """A moment with everything that belongs to it. Lists show the same moments again and again."""
    return str(format_datetime(at, "full", locale=locale))


def _locale() -> Locale:
    return get_locale() or Locale("en")
