"""Handing mails to a folder and to real SMTP servers, also to bad ones."""

from asyncio.base_events import Server
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from notifier.mail import DeliveryError, Letter, Outbox, Smtp, build_message, domain_of, one_line
from notifier.mail import Envelope as OurEnvelope
from tests.unit.notifier.builders import NOW, SENDER

LETTER = Letter("Subject\r\nBcc: x@example.org", "Text: adéu\n", "<p>HTML: adéu</p>", "ca")
ADDRESSED = OurEnvelope("2026-W10-test", SENDER, "officer@example.org")


def message(**fields: Any) -> bytes:
    known = {
        "sender": SENDER,
        "recipient": "officer@example.org",
        "message_id": "<1@example.org>",
        "list_id": "<l>",
    }
    return build_message(LETTER, **(known | fields), now=NOW).as_bytes()


class Handler:
    """Keeps what arrives, and answers as it is told."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK", *, drops: bool = False) -> None:
        self.rcpt, self.data, self.drops = rcpt, data, drops
        self.arrived: list[bytes] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        if self.drops and server.transport:
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        assert isinstance(envelope.content, bytes)
        self.arrived.append(envelope.content)
        return self.data


class AnyPort(Controller):
    """A server on whichever port is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def served(handler: Handler) -> Iterator[Smtp]:
    controller = AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield Smtp(f"smtp://127.0.0.1:{controller.port}", timeout=5)
    finally:
        controller.stop()


def test_a_server_gets_the_mail_as_it_was_written() -> None:
    handler, sent = Handler(), message()
    with served(handler) as transport:
        transport.send(ADDRESSED, sent)
    assert handler.arrived == [sent]


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (
            Handler(rcpt="550 No such user officer@example.org"),
            "it refuses the recipient (550 No such user …)",
        ),
        (Handler(data="421 Too busy"), "it does not take the mail (421 Too busy)"),
        (Handler(data="552 Too large"), "it does not take the mail (552 Too large)"),
        (Handler(drops=True), "it hung up before it took the mail"),
    ],
)
def test_a_refusal_is_one_sentence_without_an_address(handler: Handler, sentence: str) -> None:
    with served(handler) as transport, pytest.raises(DeliveryError) as caught:
        transport.send(ADDRESSED, message())
    assert str(caught.value).endswith(sentence)
    assert "officer@example.org" not in str(caught.value)


def test_a_server_that_is_not_there() -> None:
    with served(Handler()) as transport:
        pass
    with pytest.raises(DeliveryError, match="it cannot be reached"):
        transport.send(ADDRESSED, message())


def test_encryption_is_required_beyond_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Handler()) as transport:
        monkeypatch.setattr("notifier.mail._is_loopback", lambda _: False)
        with pytest.raises(DeliveryError, match="STARTTLS"):
            transport.send(ADDRESSED, message())


def test_a_password_needs_a_server_that_takes_it() -> None:
    with served(Handler()) as known:
        transport = Smtp(f"smtp://user:p%40ss@127.0.0.1:{known.port}", timeout=5)
        with pytest.raises(DeliveryError, match="a way to sign in"):
            transport.send(ADDRESSED, message())


@pytest.mark.parametrize("url", ["http://host", "smtp://", "smtp://host:port", "nonsense"])
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(DeliveryError, match="FUNDING_SMTP_URL"):
        Smtp(url)


def test_ports_follow_the_scheme() -> None:
    assert (Smtp("smtp://host").port, Smtp("smtps://host").port, Smtp("smtp://host:25").port) == (
        587,
        465,
        25,
    )


def test_an_outbox_keeps_one_file_a_mail(tmp_path: Path) -> None:
    outbox, sent = Outbox(tmp_path / "outbox"), message()
    for _ in range(2):
        outbox.send(ADDRESSED, sent)
    assert [path.name for path in outbox.folder.iterdir()] == ["2026-W10-test.eml"]
    assert (outbox.folder / "2026-W10-test.eml").read_bytes() == sent


def test_an_outbox_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(DeliveryError, match="cannot be written"):
        Outbox(tmp_path / "outbox").send(ADDRESSED, message())


def test_no_line_break_reaches_a_header() -> None:
    head = message(sender="A\r\nX-Evil: 1 <a@example.org>").split(b"\r\n\r\n")[0]
    assert b"\r\nBcc:" not in head
    assert b"\r\nX-Evil:" not in head
    assert head.isascii()


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\r\nb\tc", "a b c"), ("a\u2028b\x00c", "a b c"), ("\u202eabc\u202c", "abc"), ("🚲", "🚲")],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_domains() -> None:
    assert (domain_of(SENDER), domain_of("nobody")) == ("example.org", "localhost")
