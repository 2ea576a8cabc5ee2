"""Handing mails to a folder and to real SMTP servers, also to bad ones."""

import ssl
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from notifier.transport import (
    OPENINGS,
    DeliveryError,
    Envelope,
    Outbox,
    RecipientRefusedError,
    ServerError,
    Smtp,
    UnclearError,
)
from tests.unit.notifier.builders import SENDER
from tests.unit.notifier.mail_server import MailServer, certificate, served

MESSAGE = b"Subject: TEST\r\n\r\n.a line that begins with a dot\r\n..two\r\n"
ADDRESSED = Envelope("2026-W10-test", SENDER, "officer@example.org")


def sending(server: MailServer, **options: Any) -> closing[Smtp]:
    return closing(Smtp(server.url, **({"timeout": 5, "text_timeout": 5} | options)))


def test_a_server_gets_the_mail_as_it_was_written() -> None:
    with served(MailServer()) as server, sending(server) as transport:
        transport.send(ADDRESSED, MESSAGE)
    assert server.arrived == [MESSAGE]


@pytest.mark.parametrize(
    ("answers", "kind", "sentence"),
    [
        (
            {"RCPT": ["550 5.1.1 No such user officer@example.org"]},
            RecipientRefusedError,
            "it refuses the recipient (550 5.1.1 No such user …)",
        ),
        (
            {"RCPT": ["550 No such user"]},
            RecipientRefusedError,
            "it refuses the recipient (550 No such user)",
        ),
        (
            {"text": ["550 5.1.1 Unknown"]},
            RecipientRefusedError,
            "it refuses the recipient (550 5.1.1 Unknown)",
        ),
        ({"RCPT": ["451 4.7.1 Greylisted"]}, DeliveryError, "for the recipient now (451 4.7.1 Greylisted)"),
        ({"RCPT": ["554 5.7.1 Relay access denied"]}, DeliveryError, "now (554 5.7.1 Relay access denied)"),
        ({"RCPT": ["552 5.2.2 Mailbox full"]}, DeliveryError, "now (552 5.2.2 Mailbox full)"),
        ({"RCPT": ["421 Too busy"]}, DeliveryError, "it hung up before it took the mail (421 Too busy)"),
        ({"MAIL": ["550 5.1.8 Who are you"]}, DeliveryError, "from this sender (550 5.1.8 Who are you)"),
        ({"text": ["421 Too busy"]}, DeliveryError, "it does not take the mail (421 Too busy)"),
        ({"text": ["552 Too large"]}, DeliveryError, "it does not take the mail (552 Too large)"),
        ({"text": ["550 Looks like spam"]}, DeliveryError, "it does not take the mail (550 Looks like spam)"),
        ({"text": ["999 Hm"]}, UnclearError, "it does not say whether it took the mail (999 Hm)"),
    ],
)
def test_an_answer_says_what_became_of_the_mail(
    answers: dict[str, list[str]], kind: type[DeliveryError], sentence: str
) -> None:
    with (
        served(MailServer(answers)) as server,
        sending(server) as transport,
        pytest.raises(DeliveryError) as caught,
    ):
        transport.send(ADDRESSED, MESSAGE)
    for settled in (RecipientRefusedError, UnclearError):
        assert isinstance(caught.value, settled) == (kind is settled)
    assert str(caught.value).endswith(sentence)
    assert "officer@example.org" not in str(caught.value)
    assert server.arrived == []


@pytest.mark.parametrize(("step", "unclear"), [("MAIL", False), ("RCPT", False), ("text", True)])
def test_a_lost_connection_leaves_a_mail_in_doubt_only_once_the_text_is_handed_over(
    step: str, unclear: bool
) -> None:
    with (
        served(MailServer(hangs_up=[step])) as server,
        sending(server) as transport,
        pytest.raises(DeliveryError) as caught,
    ):
        transport.send(ADDRESSED, MESSAGE)
    assert isinstance(caught.value, UnclearError) == unclear
    assert len(server.arrived) == unclear


def test_a_server_that_never_answers_to_the_text_leaves_it_in_doubt() -> None:
    patient = threading.Event()
    with served(MailServer(waits={"text": lambda: patient.wait(5)})) as server:
        with (
            sending(server, text_timeout=0.2) as transport,
            pytest.raises(UnclearError, match="did not answer"),
        ):
            transport.send(ADDRESSED, MESSAGE)
        patient.set()


def test_a_server_that_accepts_slowly_is_waited_for() -> None:
    slowly = MailServer(waits={"text": lambda: threading.Event().wait(0.5)})
    with served(slowly) as server, sending(server, timeout=0.3) as transport:
        transport.send(ADDRESSED, MESSAGE)
    assert len(server.arrived) == 1


def test_one_connection_takes_many_mails() -> None:
    with served(MailServer()) as server, sending(server) as transport:
        for _ in range(3):
            transport.send(ADDRESSED, MESSAGE)
    assert (len(server.arrived), server.connections) == (3, 1)


@pytest.mark.parametrize(
    "bad", [{"answers": {"MAIL": ["250 OK", "421 Enough", "250 OK"]}}, {"hangs_up": ["RCPT"]}]
)
def test_a_connection_that_ends_between_two_mails_is_opened_again(bad: dict[str, Any]) -> None:
    with served(MailServer()) as server, sending(server) as transport:
        if "answers" in bad:
            server.answers = bad["answers"]
        transport.send(ADDRESSED, MESSAGE)
        server.hangs_up = list(bad.get("hangs_up", []))
        transport.send(ADDRESSED, MESSAGE)
    assert (len(server.arrived), server.connections) == (2, 2)


def test_after_a_refusal_the_connection_takes_the_next_mail() -> None:
    picky = MailServer({"RCPT": ["550 No such user", "250 OK"]})
    with served(picky) as server, sending(server) as transport:
        with pytest.raises(RecipientRefusedError):
            transport.send(ADDRESSED, MESSAGE)
        transport.send(ADDRESSED, MESSAGE)
    assert (len(server.arrived), server.connections) == (1, 1)


def test_a_server_that_is_not_there_is_asked_no_more_than_a_few_times() -> None:
    with served(MailServer()) as server:
        pass
    with sending(server) as transport:
        for _ in range(OPENINGS):
            with pytest.raises(ServerError, match="it cannot be reached"):
                transport.send(ADDRESSED, MESSAGE)
        with served(server, port=server.port), pytest.raises(ServerError, match="it cannot be reached"):
            transport.send(ADDRESSED, MESSAGE)
    assert server.arrived == []


def test_encryption_is_required_beyond_this_machine() -> None:
    with (
        served(MailServer()) as server,
        sending(server, is_local=lambda _: False) as transport,
        pytest.raises(ServerError, match="STARTTLS"),
    ):
        transport.send(ADDRESSED, MESSAGE)
    assert server.arrived == []


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("name", ["localhost", "mail.example.org"])
def test_the_certificate_is_checked(tmp_path: Path, name: str, trusted: bool) -> None:
    file, context = certificate(tmp_path, name)
    trust = ssl.create_default_context(cafile=str(file)) if trusted else None
    with served(MailServer(), tls_context=context) as server:
        server.host = "localhost"
        with sending(server, is_local=lambda _: False, trust=trust) as transport:
            if trusted and name == "localhost":
                transport.send(ADDRESSED, MESSAGE)
            else:
                with pytest.raises(ServerError, match="its certificate or encryption is not accepted"):
                    transport.send(ADDRESSED, MESSAGE)
    assert len(server.arrived) == (trusted and name == "localhost")


def test_a_password_needs_a_server_that_takes_it() -> None:
    with (
        served(MailServer(user="user:p%40ss@")) as server,
        sending(server) as transport,
        pytest.raises(ServerError, match="a way to sign in"),
    ):
        transport.send(ADDRESSED, MESSAGE)


def test_user_and_password() -> None:
    options: dict[str, Any] = {
        "authenticator": lambda *given: AuthResult(success=given[-1].password == b"p@ss", handled=False),
        "auth_require_tls": False,
    }
    with served(MailServer(user="user:p%40ss@"), **options) as server:
        with sending(server) as transport:
            transport.send(ADDRESSED, MESSAGE)
        server.user = "user:wrong@"
        with sending(server) as transport, pytest.raises(ServerError, match="it refuses user and password"):
            transport.send(ADDRESSED, MESSAGE)
    assert len(server.arrived) == 1


def test_addresses_beyond_ascii() -> None:
    with served(MailServer()) as server, sending(server) as transport:
        transport.send(replace(ADDRESSED, recipient="officer@bücher.example"), MESSAGE)
        with pytest.raises(DeliveryError, match="beyond ASCII"):
            transport.send(replace(ADDRESSED, recipient="oficína@example.org"), MESSAGE)
    assert server.recipients == ["officer@xn--bcher-kva.example"]


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
    outbox = Outbox(tmp_path / "outbox")
    for _ in range(2):
        outbox.send(ADDRESSED, MESSAGE)
    assert [path.name for path in outbox.folder.iterdir()] == ["2026-W10-test.eml"]
    assert (outbox.folder / "2026-W10-test.eml").read_bytes() == MESSAGE


def test_an_outbox_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(DeliveryError, match="cannot be written"):
        Outbox(tmp_path / "outbox").send(ADDRESSED, MESSAGE)
