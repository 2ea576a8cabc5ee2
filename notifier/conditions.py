"""What a call asks of a consortium and what it pays, put into words from the matcher's facts."""

from collections.abc import Iterator
from typing import Any

from notifier.words import Words
from store.models import Call, Match

WHOLE = 100
"""Per cent: nothing is left to the partners."""


def conditions(words: Words, call: Call, match: Match) -> tuple[str, ...]:
    """Consortium, rate with own share, and a single grant, a line each; nothing for what is not known."""
    return tuple(_lines(words, call, match.conditions))


def _lines(words: Words, call: Call, known: dict[str, Any]) -> Iterator[str]:
    if partners := known.get("min_partners"):
        yield _by_whom(words, partners, _consortium(words, partners, known.get("min_countries")))
    for required in known.get("must_include", ()):
        yield words.gettext("Must include %(words)s", words=words.quoted(required["words"]))
    own = known.get("own_share")
    if rate := known.get("funding_rate"):
        yield _by_whom(words, rate, _rate(words, call, rate, own))
    elif own:
        yield words.smooth(
            words.gettext("Own share: at least %(own)s", own=words.percent(own["value"])),
        )
    if operator := known.get("operator"):
        yield words.gettext(
            "A single grant, for the body that runs it: %(words)s", words=words.quoted(operator["words"])
        )
    elif known.get("one_grant") and call.expected_grants is None:  # else the budget says so already
        yield words.gettext("A single grant is expected")


def _by_whom(words: Words, fact: dict[str, Any], text: str) -> str:
    """`text`, marked where the programme says so and not the call."""
    if fact["basis"] == "call":
        return text
    return words.gettext("%(text)s (general rule of the programme)", text=text)


def _consortium(words: Words, partners: dict[str, Any], countries: dict[str, Any] | None) -> str:
    number = words.number(partners["value"])
    if countries is None:
        return words.gettext("At least %(partners)s partners", partners=number)
    return words.gettext(
        "At least %(partners)s partners from %(countries)s countries",
        partners=number,
        countries=words.number(countries["value"]),
    )


def _rate(words: Words, call: Call, rate: dict[str, Any], own: dict[str, Any] | None) -> str:
    """`Paga el 95 % dels costos subvencionables; el 5 % restant va a càrrec dels socis`."""
    share = rate["value"]
    paid = words.percent(share)
    if "highest" in rate:
        text = words.gettext(
            "Pays from %(low)s to %(high)s of the eligible costs, depending on the case",
            low=paid,
            high=words.percent(rate["highest"]),
        )
    elif share == WHOLE:
        text = words.gettext("Pays %(rate)s of the eligible costs", rate=paid)
    else:
        left = words.percent(own["value"] if own else WHOLE - share)
        if call.grant_max_cents and not own:
            money = words.money(call.grant_max_cents * (WHOLE - share) // share, call.currency)
            text = words.gettext(
                "Pays %(rate)s of the eligible costs; %(own)s is left to the partners, %(money)s with the largest grant",
                rate=paid,
                own=left,
                money=money,
            )
        else:
            text = words.gettext(
                "Pays %(rate)s of the eligible costs; %(own)s is left to the partners", rate=paid, own=left
            )
    return words.smooth(text)
