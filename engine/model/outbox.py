"""Mails kept instead of sent, while no mail server is configured."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Key, Moment


class OutboxMail(Base):
    """A mail that would have been sent; its key is the job's, so a repeated try writes it once."""

    __tablename__ = "outbox_mail"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    root_key: Mapped[int] = mapped_column(BigInteger, index=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[dt.datetime] = mapped_column(Moment)
