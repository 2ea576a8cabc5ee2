"""Mails as bytes: their headers, their parts, and that nothing scraped gets out of its place."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.mail import (
    LONGEST_SUBJECT,
    AddressError,
    Attachment,
    Letter,
    ascii_address,
    build_message,
    domain_of,
    one_line,
)
from tests.unit.notifier.builders import NOW, SENDER

LETTER = Letter("Subject\r\nBcc: x@example.org", "Text: adéu\n", "<p>HTML: adéu</p>", "ca")


def message(letter: Letter = LETTER, **fields: Any) -> bytes:
    known = {
        "sender": SENDER,
        "recipient": "officer@example.org",
        "message_id": "<2026-W10.mobility.test@example.org>",
        "list_id": "<l>",
    }
    return build_message(letter, **(known | fields), now=NOW).as_bytes()


def parsed(**fields: Any) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(message(**fields))


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


def test_the_way_out_is_a_mail_where_there_is_no_link() -> None:
    mail = parsed()
    assert (
        mail["List-Unsubscribe"]
        == "<mailto:tracker@example.org?subject=unsubscribe%202026-W10.mobility.test%40example.org>"
    )
    assert mail["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("length", [1, 200, 800])
def test_the_link_of_one_click_is_never_folded(length: int) -> None:
    link = "https://review.example.org/unsubscribe/" + "x" * length
    head = message(unsubscribe=link).split(b"\r\n\r\n")[0].decode().splitlines()
    assert f"List-Unsubscribe: <{link}>" in head
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def test_an_attachment_stands_beside_the_letter() -> None:
    calendar = Attachment("dates.ics", "text", "calendar", b"BEGIN:VCALENDAR\r\n", {"method": "PUBLISH"})
    mail = parsed(attachments=[calendar])
    assert mail.get_content_type() == "multipart/mixed"
    letter, attached = mail.iter_parts()
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_param("method") == "PUBLISH"
    assert attached.get_filename() == "dates.ics"
    assert attached.get_payload(decode=True) == calendar.content
    assert mail["Content-Language"] == "ca"


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("Name <officer@example.org>", "officer@example.org"),
        ("officer@bücher.example", "officer@xn--bcher-kva.example"),
        ("officer@BÜCHER.example", "officer@xn--bcher-kva.example"),
        ("officer@straße.example", "officer@xn--strae-oqa.example"),
    ],
)
def test_domains_are_written_as_dns_knows_them(address: str, bare: str) -> None:
    assert ascii_address(address) == bare


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("oficína@example.org", "before the @"),
        ("nobody", "none that a mail"),
        ("a@", "none that a mail"),
        ("a@-.example", "the domain"),
    ],
)
def test_an_address_that_takes_no_mail_is_said_to_be_none(address: str, why: str) -> None:
    with pytest.raises(AddressError, match=why) as caught:
        message(recipient=address)
    assert address not in str(caught.value)


def test_a_long_subject_is_cut() -> None:
    subject = str(parsed(letter=Letter("🚲" * 2000, "t\n", "<p>", "ca"))["Subject"])
    assert (len(subject), subject[-1]) == (LONGEST_SUBJECT, "…")


@given(st.text(max_size=2000))
def test_any_subject_is_a_subject(text: str) -> None:
    sent = message(Letter(text, "t\n", "<p>", "ca"))
    mail = BytesParser(EmailMessage, policy=policy.default).parsebytes(sent)
    assert mail.keys().count("Subject") == 1
    assert mail["Bcc"] is None
    assert mail["To"] == "officer@example.org"
    assert mail.get_content_type() == "multipart/alternative"
    head = sent.split(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 998 for line in head.splitlines())
