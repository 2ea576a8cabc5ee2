"""What a mail server's reply means for a mail, by the step at which it comes."""

import re
from enum import StrEnum


class Step(StrEnum):
    """Where in the handing over of a mail a reply comes (RFC 5321, 3.3); before it stands the opening."""

    OPEN = "open"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    TEXT = "text"


class Meaning(StrEnum):
    """What to make of a reply.

    `accepted`: go on, or done. `later`: not taken, and worth another try. `refused`: this recipient, for good.
    `unclear`: the mail may have been taken.
    """

    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"
    UNCLEAR = "unclear"


COMPLETED, POSTPONED, REJECTED = 2, 4, 5
"""The first digit (RFC 5321, 4.2.1)."""
HANGING_UP = 421
"""The server closes the connection, at whichever step (RFC 5321, 3.8 and 4.2.1)."""
GO_AHEAD = 354
"""Send the text now (RFC 5321, 4.2.3)."""
REFUSES_RECIPIENT = frozenset({550, 551, 553})
"""To RCPT: no such mailbox, not here, no such name (RFC 5321, 4.2.3). 552 and 554 speak of room and of policy; 530
and 535 of the sender's rights (RFC 4954, 6). After the text, 550 is a matter of policy (RFC 5321, 4.3.2)."""
ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")
ABOUT_RECIPIENT = frozenset(
    {
        ("1", "0"),
        ("1", "1"),
        ("1", "2"),
        ("1", "3"),
        ("1", "4"),
        ("1", "6"),
        ("1", "10"),
        ("2", "0"),
        ("2", "1"),
    }
)
"""Subject and detail of enhanced codes that say that the recipient's mailbox is none or takes nothing (RFC 3463, 3.2
and 3.3; RFC 7505). The others speak of the sender (1.7, 1.8), of a full mailbox (2.2), of the network, of the
protocol, or of what the server allows this installation (7.x): suppressing people for it would silence all of them."""


def meaning(step: Step, code: int, text: str) -> Meaning:
    """What `code` and `text`, the server's reply at `step`, say of the mail (RFC 5321, 4.2.1).

    A 5 that is no word on the recipient is a fault of the sender, its rights or its server: it is mended, and then the
    same mail goes out. So it is tried again too.
    """
    kind = code // 100
    if code == GO_AHEAD if step is Step.DATA else kind == COMPLETED:
        return Meaning.ACCEPTED
    if kind == REJECTED and step in (Step.RCPT, Step.TEXT) and _is_about_recipient(step, code, text):
        return Meaning.REFUSED
    if step is Step.TEXT and kind not in (POSTPONED, REJECTED):
        return Meaning.UNCLEAR
    return Meaning.LATER


def _is_about_recipient(step: Step, code: int, text: str) -> bool:
    """By the enhanced code where the reply begins with one: it is the more exact."""
    enhanced = ENHANCED.match(text.strip())
    if enhanced:
        return enhanced.groups() in ABOUT_RECIPIENT
    return step is Step.RCPT and code in REFUSES_RECIPIENT
