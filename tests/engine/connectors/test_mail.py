"""Mails: sent by SMTP, or kept when there is no mail server."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest

from engine.connectors import Call, ServiceError, ServiceFailed
from engine.connectors import mail as mail_module
from engine.connectors.mail import Mail, MailConnector, MailServer

SERVER = MailServer("mail.example.org", 587, "starttls", "user", "secret", "Us <us@example.org>")


def call(**changes: object) -> Call:
    inputs = {"to": "max@example.org", "subject": "Your\r\nBcc: all", "body": "See {statusLink}.", **changes}
    return Call(5, "casewright:mail", inputs, root_key=4, status_link="https://x.example/status/1")


def test_without_a_mail_server_it_is_kept() -> None:
    kept: list[Mail] = []
    outcome = MailConnector(None, kept.append)(call())
    assert kept == [Mail(5, 4, "max@example.org", "Your Bcc: all", "See https://x.example/status/1.")]
    assert "kept in the outbox" in outcome.note


@pytest.mark.parametrize("address", [None, "", "nobody", "@x", "a@", "a@b\nBcc: c@d", "a@b.c, d@e.f", 7])
def test_what_is_no_address_is_the_modelled_error(address: object) -> None:
    with pytest.raises(ServiceError) as caught:
        MailConnector(None, lambda mail: None)(call(to=address))
    assert caught.value.code == "MAIL_UNDELIVERABLE"


def test_a_mail_needs_text() -> None:
    with pytest.raises(ServiceFailed) as caught:
        MailConnector(None, lambda mail: None)(call(body=None))
    assert caught.value.is_final


class FakeSmtp:
    """Takes mails, or refuses them as it is told."""

    sent: list[EmailMessage] = []
    steps: list[str] = []
    refusal: Exception | None = None

    def __init__(self, host: str, port: int, **_: Any) -> None:
        self.steps.append(f"{host}:{port}")

    def __enter__(self) -> FakeSmtp:
        return self

    def __exit__(self, *_: object) -> None:
        self.steps.append("quit")

    def starttls(self, **_: Any) -> None:
        self.steps.append("starttls")

    def login(self, user: str, password: str) -> None:
        self.steps.append(f"login {user}")

    def send_message(self, message: EmailMessage) -> None:
        if self.refusal:
            raise self.refusal
        self.sent.append(message)


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> type[FakeSmtp]:
    class Fresh(FakeSmtp):
        sent: list[EmailMessage] = []
        steps: list[str] = []

    monkeypatch.setattr(mail_module.smtplib, "SMTP", Fresh)
    return Fresh


def test_with_a_mail_server_it_is_sent_encrypted_and_told_apart_by_its_job(smtp: type[FakeSmtp]) -> None:
    outcome = MailConnector(SERVER, lambda mail: None)(call(subject="您好", body="正文"))
    (message,) = smtp.sent
    assert (message["To"], message["Subject"], message["Message-ID"]) == ("max@example.org", "您好", "<5@casewright>")
    assert message.get_content() == "正文\n"
    assert smtp.steps == ["mail.example.org:587", "starttls", "login user", "quit"]
    assert outcome.note == "sent to max@example.org"


def test_what_the_server_never_takes_is_modelled_and_what_it_may_take_is_tried_again(smtp: type[FakeSmtp]) -> None:
    send = MailConnector(SERVER, lambda mail: None)
    smtp.refusal = smtplib.SMTPRecipientsRefused({"max@example.org": (550, b"unknown")})
    with pytest.raises(ServiceError, match="550 unknown"):
        send(call())
    for refusal in (
        smtplib.SMTPRecipientsRefused({"max@example.org": (450, b"later")}),
        smtplib.SMTPServerDisconnected("gone"),
        OSError("no route"),
    ):
        smtp.refusal = refusal
        with pytest.raises(ServiceFailed) as caught:
            send(call())
        assert not caught.value.is_final
