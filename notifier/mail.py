"""Mails: built so that nothing scraped reaches a header, and handed to a folder or to an SMTP server."""

import ipaddress
import re
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from notifier.files import write_whole

TIMEOUT = 30.0
"""Seconds that a mail server may take for each answer."""
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")

# The first that fits: some of these are kinds of the later ones.
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPRecipientsRefused, "it refuses the recipient"),
    (smtplib.SMTPSenderRefused, "it refuses the sender"),
    (smtplib.SMTPAuthenticationError, "it refuses user and password"),
    (smtplib.SMTPNotSupportedError, "it does not offer what is needed: STARTTLS, or a way to sign in"),
    (smtplib.SMTPServerDisconnected, "it hung up before it took the mail"),
    (smtplib.SMTPException, "it does not take the mail"),
    (ssl.SSLError, "its certificate or encryption is not accepted"),
    (TimeoutError, "it does not answer in time"),
)


class DeliveryError(Exception):
    """A mail that did not go out; the message is one sentence and names no address of a person."""


@dataclass(frozen=True)
class Letter:
    """What a mail says: subject, text and HTML in one language."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True)
class Envelope:
    """Where a mail goes, whose it is and what it is called: `2026-W34-mobility`."""

    name: str
    sender: str
    recipient: str


class Transport(Protocol):
    def send(self, envelope: Envelope, message: bytes) -> None:
        """Hand over `message` (RFC 5322, CRLF). Raises DeliveryError."""


def build_message(
    letter: Letter, *, sender: str, recipient: str, message_id: str, list_id: str, now: datetime
) -> EmailMessage:
    """The mail, all of it ASCII. Headers are stripped of line breaks and control characters."""
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))
    message["From"] = one_line(sender)
    message["To"] = one_line(recipient)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = one_line(message_id)
    message["List-Id"] = one_line(list_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # set last: setting a content drops headers of this family
    return message


def one_line(text: str) -> str:
    """`text` without line breaks, control characters and characters that turn the direction of writing."""
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    turning = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    return re.sub(" +", " ", re.sub(turning, "", kept)).strip()


def domain_of(sender: str) -> str:
    """The domain of `Name <address>`, for ids of messages and lists."""
    _, at, domain = parseaddr(sender)[1].rpartition("@")
    return domain if at else "localhost"


class Outbox:
    """A folder that mails are written to, each as `<name>.eml`: for the demo, and where there is no server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, envelope: Envelope, message: bytes) -> None:
        try:
            write_whole(self.folder / f"{envelope.name}.eml", message)
        except OSError as error:
            raise DeliveryError(f"{self.folder}: cannot be written: {error.strerror}") from error


class Smtp:
    """A mail server: `smtp://user:password@host:587`, which must offer STARTTLS unless it is this machine, or `smtps://`.

    Raises DeliveryError for an address of another form.
    """

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise DeliveryError("FUNDING_SMTP_URL is no address of a mail server") from error
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise DeliveryError(
                "FUNDING_SMTP_URL must look like smtp://user:password@host:587 or smtps://host"
            )
        self.host = parts.hostname
        self.implicit_tls = parts.scheme == "smtps"
        self.port = port or (465 if self.implicit_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._timeout = timeout

    def send(self, envelope: Envelope, message: bytes) -> None:
        sender, recipient = parseaddr(envelope.sender)[1], parseaddr(envelope.recipient)[1]
        with self._faults_explained():
            server = self._connect()
            try:
                server.sendmail(sender, [recipient], message)
            finally:
                # Once the mail is accepted, a server that hangs up early has still accepted it.
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()
                server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.implicit_tls:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self._timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self._timeout)
        try:
            if not self.implicit_tls and not _is_loopback(self.host):
                server.starttls(context=context)
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server

    @contextmanager
    def _faults_explained(self) -> Iterator[None]:
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"mail server {self.host}:{self.port}: {_explain(error)}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _explain(error: Exception) -> str:
    said = next((words for kind, words in FAULTS if isinstance(error, kind)), "it cannot be reached")
    answer = _answer(error)
    return f"{said} ({answer})" if answer else said


def _answer(error: Exception) -> str:
    """The server's answer on one line; addresses are personal data and stay out of it."""
    code: int
    said: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPResponseException():
            code, said = error.smtp_code, error.smtp_error
        case _:
            return ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {ADDRESS.sub('…', one_line(text))}".strip()[:200]
