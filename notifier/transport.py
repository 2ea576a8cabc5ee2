"""Handing mails over: to a folder, or to an SMTP server, and saying what became of them."""

import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from config.settings import Settings
from notifier.files import write_whole
from notifier.mail import AddressError, ascii_address, one_line
from notifier.pace import Pace
from notifier.replies import HANGING_UP, Meaning, Step, meaning

TIMEOUT = 30.0
"""Seconds that a mail server may take for each answer."""
TEXT_TIMEOUT = 600.0
"""The same once it has the text: whoever hangs up early makes it send twice (RFC 5321, 4.5.3.2.6)."""
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")
LONGEST_ANSWER = 200
OPENINGS = 3
"""How often in a row a server may keep this installation out before it is left alone."""


class DeliveryError(Exception):
    """A mail that certainly did not go out and may be tried again; one sentence that names no address of a person."""


class ServerError(DeliveryError):
    """No mail can be handed over now: the server is away, or does not let this installation in."""


class RecipientRefusedError(DeliveryError):
    """The server will never take a mail for this recipient. `answer` are its words."""

    def __init__(self, message: str, answer: str) -> None:
        super().__init__(message)
        self.answer = answer


class UnclearError(DeliveryError):
    """The text was handed over and no answer came: the mail may have gone out."""


class _HungUpError(DeliveryError):
    """The connection ended before the text was handed over."""


@dataclass(frozen=True)
class Envelope:
    """Where a mail goes, whose it is and what it is called: `2026-W34-mobility`."""

    name: str
    sender: str
    recipient: str


class Transport(Protocol):
    def await_turn(self) -> None:
        """Wait until one more mail may be handed over."""

    def send(self, envelope: Envelope, message: bytes) -> None:
        """Hand over `message` (RFC 5322, CRLF). Raises DeliveryError, whose kind says what became of it."""


class Outbox:
    """A folder that mails are written to, each as `<name>.eml`: for the demo, and where there is no server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def await_turn(self) -> None:
        """A folder takes any number."""

    def send(self, envelope: Envelope, message: bytes) -> None:
        try:
            write_whole(self.folder / f"{envelope.name}.eml", message)
        except OSError as error:
            raise ServerError(f"{self.folder}: cannot be written: {error.strerror}") from error


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Smtp:
    """A mail server: `smtp://user:password@host:587`, which must offer STARTTLS unless it is this machine, or `smtps://`.

    One connection takes many mails; where the server ends it between two of them, another one is opened. `is_local`
    says which hosts need no encryption, and `trust` whose certificates are accepted: those of the system.
    Raises DeliveryError for an address of another form.
    """

    def __init__(
        self,
        url: str,
        *,
        pace: Pace | None = None,
        timeout: float = TIMEOUT,
        text_timeout: float = TEXT_TIMEOUT,
        is_local: Callable[[str], bool] = is_loopback,
        trust: ssl.SSLContext | None = None,
    ) -> None:
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
        self._pace = pace
        self._timeout, self._text_timeout = timeout, text_timeout
        self._needs_tls = not self.implicit_tls and not is_local(self.host)
        self._trust = trust or ssl.create_default_context()
        self._server: smtplib.SMTP | None = None
        self._kept_out: list[str] = []

    def await_turn(self) -> None:
        if self._pace and len(self._kept_out) < OPENINGS:
            self._pace.await_turn()

    def send(self, envelope: Envelope, message: bytes) -> None:
        try:
            sender, recipient = ascii_address(envelope.sender), ascii_address(envelope.recipient)
        except AddressError as error:
            raise DeliveryError(str(error)) from error
        was_open = self._server is not None
        try:
            self._hand_over(sender, recipient, message)
        except _HungUpError:
            if not was_open:
                raise
            # It had been idle, or the server takes only so many mails a connection.
            self._hand_over(sender, recipient, message)

    def close(self) -> None:
        """End the connection. A server that hangs up first has still taken the mails it accepted."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._drop()

    def _hand_over(self, sender: str, recipient: str, message: bytes) -> None:
        server = self._server or self._open()
        self._ask(Step.MAIL, lambda: server.mail(sender))
        self._ask(Step.RCPT, lambda: server.rcpt(recipient))
        self._ask(Step.DATA, lambda: server.docmd("DATA"))
        self._ask(Step.TEXT, lambda: self._send_text(server, message))

    def _ask(self, step: Step, command: Callable[[], tuple[int, bytes]]) -> None:
        """Do one step. Raises DeliveryError unless the server says yes to it."""
        try:
            code, said = command()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise self._lost(step, error) from error
        except BaseException:
            self._drop()  # stopped in the middle of a mail: nothing more may be said on this connection
            raise
        text = said.decode("utf-8", "replace")
        found = meaning(step, code, text)
        if found is Meaning.ACCEPTED:
            return
        self._settle(code)
        answer = _without_addresses(code, text)
        if found is Meaning.REFUSED:
            raise RecipientRefusedError(self._say("it refuses the recipient", answer), answer)
        if found is Meaning.UNCLEAR:
            raise UnclearError(self._say("it does not say whether it took the mail", answer))
        if code == HANGING_UP and step is not Step.TEXT:
            raise _HungUpError(self._say("it hung up before it took the mail", answer))
        raise DeliveryError(self._say(NOT_TAKEN[step], answer))

    def _lost(self, step: Step, error: Exception) -> DeliveryError:
        if step is Step.TEXT:
            return UnclearError(self._say("it was given the mail and did not answer"))
        if isinstance(error.__context__, TimeoutError):  # smtplib wraps it
            return DeliveryError(self._say("it does not answer in time"))
        return _HungUpError(self._say("it hung up before it took the mail"))

    def _send_text(self, server: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
        """The text after DATA, lines that begin with a dot marked, and the dot that ends it (RFC 5321, 4.5.2)."""
        end = b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"
        server.send(re.sub(rb"(?m)^\.", b"..", message) + end)
        assert server.sock is not None
        server.sock.settimeout(self._text_timeout)
        try:
            return server.getreply()
        finally:
            if server.sock is not None:
                server.sock.settimeout(self._timeout)

    def _settle(self, code: int) -> None:
        """After a no: make the connection fit for the next mail, or end it."""
        if code == HANGING_UP:
            self._drop()
            return
        try:
            assert self._server is not None
            self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None

    def _open(self) -> smtplib.SMTP:
        if len(self._kept_out) == OPENINGS:
            raise ServerError(self._kept_out[-1])
        with self._faults_explained():
            server: smtplib.SMTP
            if self.implicit_tls:
                server = smtplib.SMTP_SSL(self.host, self.port, timeout=self._timeout, context=self._trust)
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=self._timeout)
            try:
                if self._needs_tls:
                    server.starttls(context=self._trust)
                server.ehlo_or_helo_if_needed()
                if self._user:
                    server.login(self._user, self._password)
            except BaseException:
                server.close()
                raise
        self._server, self._kept_out = server, []
        return server

    @contextmanager
    def _faults_explained(self) -> Iterator[None]:
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            said = next((words for kind, words in FAULTS if isinstance(error, kind)), "it cannot be reached")
            self._kept_out.append(self._say(said, _answer_in(error)))
            raise ServerError(self._kept_out[-1]) from error

    def _say(self, what: str, answer: str = "") -> str:
        return f"mail server {self.host}:{self.port}: {what}" + (f" ({answer})" if answer else "")


NOT_TAKEN = {
    Step.MAIL: "it does not take mail from this sender",
    Step.RCPT: "it does not take mail for the recipient now",
    Step.DATA: "it does not take the mail",
    Step.TEXT: "it does not take the mail",
}
# Of the opening; the first that fits: some of these are kinds of the later ones.
FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "it refuses user and password"),
    (smtplib.SMTPNotSupportedError, "it does not offer what is needed: STARTTLS, or a way to sign in"),
    (smtplib.SMTPServerDisconnected, "it hung up at once"),
    (smtplib.SMTPException, "it takes no mail"),
    (ssl.SSLError, "its certificate or encryption is not accepted"),
    (TimeoutError, "it does not answer in time"),
)


def _answer_in(error: Exception) -> str:
    if not isinstance(error, smtplib.SMTPResponseException):
        return ""
    said = error.smtp_error
    return _without_addresses(
        error.smtp_code, said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    )


def _without_addresses(code: int, text: str) -> str:
    """The server's answer on one line; addresses are personal data and stay out of it."""
    return f"{code} {ADDRESS.sub('…', one_line(text))}".strip()[:LONGEST_ANSWER]


@contextmanager
def opened_transport(settings: Settings) -> Iterator[Transport]:
    """The mail server of the settings, or the outbox where there is none. Raises DeliveryError."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        yield Outbox(settings.outbox)
        return
    server = Smtp(url, pace=Pace(settings.mails_per_minute))
    try:
        yield server
    finally:
        server.close()
