"""Where a mail leads to in the review, which asks before it acts: following a link never decides anything."""

from dataclasses import dataclass
from urllib.parse import quote

from notifier.words import Words
from store.models import Call


@dataclass(frozen=True)
class Link:
    name: str
    address: str


def page_of_call(review_url: str, call: Call) -> str:
    """`https://funding.example.org/calls/eu_portal/HORIZON-CL5-2026-01`, the call's page in the review."""
    return f"{review_url.rstrip('/')}/calls/{quote(call.source, safe='')}/{quote(call.source_key, safe='')}"


def decisions(words: Words, review_url: str, call: Call) -> tuple[Link, ...]:
    """What an officer can decide on the call's page, each with its place there; nothing without a review."""
    if not review_url:
        return ()
    page = page_of_call(review_url, call)
    return (
        Link(words.gettext("Interesting"), f"{page}#interesting"),
        Link(words.gettext("Not for us"), f"{page}#not-for-us"),
        Link(words.gettext("Mute"), f"{page}#mute"),
    )


def summary_address(review_url: str) -> str:
    """Where the review shows all calls; empty without one."""
    return f"{review_url.rstrip('/')}/" if review_url else ""
