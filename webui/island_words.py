"""The words that the JavaScript islands show, translated by the catalogues of the pages and handed over in the page."""

from __future__ import annotations

from flask_babel import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


_EDITOR = (
    _("Saved"),
    _("Saving …"),
    _("Not saved, the server is out of reach. What you drew is kept on this device."),
    _("The server did not take it. What you drew is kept on this device."),
    _("{name} has this file open, too. Who saves second is told."),
)
"""What every editor of a project's files says."""
WORDS: dict[str, tuple[str, ...]] = {
    "modeler": _EDITOR,
    "form-editor": _EDITOR,
    "tables": _EDITOR,
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
        _("Draft saved"),
        _("Saving …"),
        _("Sending …"),
        _("Not saved. What you type is kept on this device."),
        _("Not saved, the server is out of reach. What you type is kept on this device."),
        _("What you typed here on {time} was not saved, so it is put back."),
        _("Use the saved version"),
        _("Start afresh"),
        _("Text typed here on {time} was not saved, and a newer version is."),
        _("Use the text typed here"),
        _("Please look at these answers again"),
        _("The server is out of reach. What you typed is kept; send it again in a moment."),
        _("The server did not take it. What you typed is kept; send it again in a moment."),
        _("Sign in"),
        # from here on: the form library's own
        _("Field is required."),
        _("Value is not a number."),
        _("Value is expected to be an integer."),
        _("Value is expected to have at most 1 decimal digit."),
        _("Value is expected to have at most {value} decimal digits."),
        _("Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}."),
        _("Field must match pattern {value}."),
        _("Field must have minimum value of {value}."),
        _("Field must have maximum value of {value}."),
        _("Field must have minimum length of {value}."),
        _("Field must have maximum length of {value}."),
        _("Field must be a valid international phone number. (e.g. +4930664040900)"),
        _("Field must be a valid email."),
        _("Date and time must both be entered."),
        _("Increment"),
        _("Decrement"),
        _("Add new"),
        _("Expand all ({value})"),
        _("Collapse"),
        _("Nothing to show."),
        _("No content to show."),
        _("External content couldn't be loaded."),
        _("{page} of {total}"),
        _("Previous page"),
        _("Next page"),
        _("Click to sort by {value} ascending"),
        _("Click to sort by {value} descending"),
        _("Click to remove sorting"),
        _("No files selected"),
        _("{value} files selected"),
        _("Browse"),
        _("hh:mm"),
        _("hh:mm --"),
        _("yyyy"),
        _("mm"),
        _("dd"),
    ),
    "viewer": (
        _("The diagram could not be drawn. The history tells the same in words."),
        _("{count} rounds"),
        _("here"),
        _("The case is here"),
        _("failed"),
        _("This step failed and waits for help"),
        _("Larger"),
        _("Smaller"),
        _("The whole diagram"),
        _("Where the case is"),
    ),
}
"""What each island may say."""


def words(*islands: str) -> dict[str, str]:
    """The words of these islands that read otherwise in the reader's language."""
    translated = {text: gettext(text) for island in islands for text in WORDS[island]}
    return {text: words for text, words in translated.items() if words != text}
