"""A real SMTP server on loopback that keeps what arrives and answers as it is told."""

import ssl
from asyncio.base_events import Server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """Answers of the steps MAIL, RCPT and `text`; of several, each stands for one mail, the last for all others.

    A step in `hangs_up` ends the connection in place of an answer; at `text` the mail has been taken by then. `waits`
    is called at a step before it is answered. `user` is what stands before the host in `url`.
    """

    answers: dict[str, list[str]] = field(default_factory=dict)
    hangs_up: list[str] = field(default_factory=list)
    waits: dict[str, Callable[[], object]] = field(default_factory=dict)
    arrived: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    user: str = ""
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://{self.user}{self.host}:{self.port}"

    def _wait(self, step: str) -> None:
        self.waits.get(step, lambda: None)()

    def _answer(self, step: str, server: SMTP) -> str:
        self._wait(step)
        if step in self.hangs_up:
            self.hangs_up.remove(step)
            assert server.transport is not None
            server.transport.close()
        waiting = self.answers.get(step, ["250 OK"])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server, envelope
        session.host_name = hostname
        self.connections += 1
        self._wait("EHLO")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        answer = self._answer("MAIL", server)
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        answer = self._answer("RCPT", server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del session
        assert isinstance(envelope.content, bytes)
        hangs_up = "text" in self.hangs_up
        answer = self._answer("text", server)
        if answer.startswith("2") or hangs_up:
            self.arrived.append(envelope.content)
            self.recipients.extend(envelope.rcpt_tos)
        return answer


class _AnyPort(Controller):
    """A server on whichever port is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def served(server: MailServer, port: int = 0, **options: Any) -> Iterator[MailServer]:
    """`server` on loopback for as long as a `with` block lasts; `options` are those of aiosmtpd."""
    controller = _AnyPort(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A made-up certificate for the host `name`, signed by itself, and what a server with it serves by."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context
