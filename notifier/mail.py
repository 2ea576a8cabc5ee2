"""Mails: built so that nothing scraped reaches a header, and the same bytes however often they are sent."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

import idna

LONGEST_SUBJECT = 200
"""Characters; mail programs show some 60 of them."""
WHOLE = frozenset({"List-Id", "List-Unsubscribe"})
"""Headers that stand on one line, however long: at most 998 characters (RFC 5322, 2.1.1)."""


class AddressError(ValueError):
    """An address that no mail can be sent to; the message is one sentence and does not name it."""


@dataclass(frozen=True)
class Letter:
    """What a mail says: subject, text and HTML in one language."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `params` are those of its type: `{"method": "PUBLISH"}`."""

    name: str
    maintype: str
    subtype: str
    content: bytes
    params: Mapping[str, str] = field(default_factory=dict)


class _Policy(EmailPolicy):
    """RFC 5322 in ASCII. Folded, a header that holds a long address would be encoded, and no program could follow it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def build_message(
    letter: Letter,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    list_id: str,
    now: datetime,
    unsubscribe: str = "",
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """The mail, all of it ASCII. Headers are stripped of line breaks and control characters.

    `unsubscribe` is the https address that ends the mails by one POST (RFC 8058); where there is none, a mail to the
    sender does (RFC 2369). Raises AddressError.
    """
    message = EmailMessage(policy=_Policy(linesep="\r\n", cte_type="7bit"))
    message["From"] = _mailbox(sender)
    message["To"] = _mailbox(recipient)
    message["Subject"] = shortened(one_line(letter.subject))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = one_line(message_id)
    message["List-Id"] = one_line(list_id)
    message["List-Unsubscribe"] = f"<{one_line(unsubscribe) or _by_mail(sender, message_id)}>"
    if unsubscribe:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for one in attachments:
        message.add_attachment(
            one.content,
            maintype=one.maintype,
            subtype=one.subtype,
            filename=one_line(one.name),
            params=dict(one.params),
            cte="base64",
        )
    message["Content-Language"] = letter.language  # set last: setting a content drops headers of this family
    return message


def _by_mail(sender: str, message_id: str) -> str:
    """An address whose mails name the one that is to be the last: who runs the service finds the officer by it."""
    return f"mailto:{ascii_address(sender)}?subject={quote('unsubscribe ' + message_id.strip('<>'))}"


def _mailbox(address: str) -> Address:
    return Address(display_name=one_line(parseaddr(address)[0]), addr_spec=ascii_address(address))


def ascii_address(address: str) -> str:
    """The bare address of `Name <address>`, its domain as DNS knows it (IDNA 2008, RFC 5891). Raises AddressError."""
    bare = parseaddr(one_line(address))[1]
    local, at, domain = bare.rpartition("@")
    if not (at and local and domain) or any(char.isspace() for char in bare):
        raise AddressError("the address is none that a mail can be sent to")
    if not local.isascii():
        raise AddressError(
            "letters beyond ASCII stand before the @ of the address: few servers take such mail"
        )
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise AddressError("the domain of the address is none") from error


def domain_of(sender: str) -> str:
    """The domain of `Name <address>`, for ids of messages and lists."""
    try:
        return ascii_address(sender).rpartition("@")[2]
    except AddressError:
        return "localhost"


def one_line(text: str) -> str:
    """`text` without line breaks, control characters and characters that turn the direction of writing."""
    kept = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    turning = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
    return re.sub(" +", " ", re.sub(turning, "", kept)).strip()


def shortened(text: str, longest: int = LONGEST_SUBJECT) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
