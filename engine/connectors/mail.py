"""`casewright:mail`: sends a mail by SMTP or, without a mail server, keeps it in the outbox."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

from engine.connectors.base import Call, Outcome, ServiceError, ServiceFailed

UNDELIVERABLE = "MAIL_UNDELIVERABLE"
"""Code of the modelled error when the address is none, or the mail server will never take it."""
STATUS_LINK = "{statusLink}"
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Mail:
    """A mail to be sent or kept."""

    key: int
    root_key: int
    recipient: str
    subject: str
    body: str


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str


class MailConnector:
    """Inputs `to`, `subject` and `body`; `{statusLink}` in the body becomes the address of the case's status page."""

    def __init__(self, server: MailServer | None, keep: Callable[[Mail], None]) -> None:
        self._server = server
        self._keep = keep

    def __call__(self, call: Call) -> Outcome:
        mail = _mail(call)
        if self._server is None:
            self._keep(mail)
            return Outcome(note=f"kept in the outbox for {mail.recipient}, since there is no mail server")
        _send(self._server, mail)
        return Outcome(note=f"sent to {mail.recipient}")


def _mail(call: Call) -> Mail:
    to, subject, body = (call.variables.get(name) for name in ("to", "subject", "body"))
    recipient = _address(to)
    if not isinstance(subject, str) or not isinstance(body, str):
        raise ServiceFailed("a mail needs a subject and a body, both text", is_final=True)
    # Line breaks in a subject would let its author write headers.
    return Mail(
        call.key, call.root_key, recipient, " ".join(subject.split()), body.replace(STATUS_LINK, call.status_link)
    )


def _address(text: object) -> str:
    """The mail address in a text. Raises the modelled error when there is none."""
    name, address = parseaddr(text) if isinstance(text, str) else ("", "")
    local, _, domain = address.rpartition("@")
    try:
        if not local or not domain or any(sign in str(text) for sign in "\r\n,;"):
            raise ValueError
        Address(display_name=name, username=local, domain=domain)
    except (ValueError, IndexError):
        raise ServiceError(UNDELIVERABLE, f"'{text}' is no mail address") from None
    return address


def _send(server: MailServer, mail: Mail) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = server.sender, mail.recipient, mail.subject
    # The same job gives the same id, so that a mail server or reader can tell a repetition.
    message["Message-ID"] = f"<{mail.key}@casewright>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, reply = next(iter(error.recipients.values()))
        told = f"{mail.recipient} was refused: {code} {_text(reply)}"
        if code >= 500:
            raise ServiceError(UNDELIVERABLE, told) from error
        raise ServiceFailed(told) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ServiceFailed(f"the mail server {server.host} did not take it: {error}") from error


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
