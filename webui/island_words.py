"""The words that the JavaScript islands show, translated by the catalogues of the pages and handed over in the page."""

from __future__ import annotations

from flask_babel import get_locale, gettext


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


WORDS: dict[str, tuple[str, ...]] = {
    "shell": (
        _("just now"),
        _("in {span}"),
        _("{span} ago"),
        _("{count} min"),
        _("{count} h"),
        _("{hours} h {minutes} min"),
        _("{days} d {hours} h"),
        _("{count} days"),
        _("1 day"),
        _("Keys"),
        _("Close"),
        _("Next row"),
        _("Previous row"),
        _("Open the row"),
        _("Search"),
        _("These keys"),
    ),
    "form": (
        # the form viewer's own
        _("Field is required."),
        _("Value is not a number."),
        _("Field must be a valid email."),
        _("Field must be a valid phone number."),
        _("Field must have minimum value of {value}."),
        _("Field must have maximum value of {value}."),
        _("Field must have minimum length of {value}."),
        _("Field must have maximum length of {value}."),
        _("Field must match pattern {value}."),
    ),
    "viewer": (),
}


def words(*islands: str) -> dict[str, str]:
    """The translations that these islands need; none where the pages speak English."""
    locale = get_locale()
    if locale is None or locale.language == "en":
        return {}
    return {text: gettext(text) for island in islands for text in WORDS[island]}
