"""E-mail addresses and international telephone numbers, as strict as the browser's own check of them."""

from __future__ import annotations

import re2

# The address grammar of HTML's <input type="email">.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re2.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*")

# Country codes assigned by ITU-T E.164; the North American 1 covers its islands.
_COUNTRY_CODES = (
    "1|7|20|21[1-8]|22[0-9]|23[0-9]|24[0-9]|25[0-8]|26[0-9]|27|29[01789]|3[0-469]|35[0-9]|37[0-8]|38[0-35-79]|4[013-9]"
    "|42[013]|5[1-8]|50[0-9]|59[0-9]|6[0-6]|67[02-9]|68[0-35-9]|69[0-2]|8[1246]|85[02356]|88[06]|9[0-58]|96[0-8]|97[0-79]"
    "|99[2-68]"
)
_PHONE = re2.compile(rf"(?:\+|00)(?:{_COUNTRY_CODES})(?:[17][0-9]{{4,14}}|[2-9][0-9]{{5,14}})")


def is_email(text: str) -> bool:
    """Whether the text is one e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether the text is one telephone number with its country code, such as +4930664040900."""
    return _PHONE.fullmatch(text) is not None
