"""What was learnt from decisions, in words: why it moved a call, and how likely the call is to be relevant."""

from typing import Any

from babel.numbers import format_percent

from notifier.words import BABEL_LOCALES, Words
from store.models import Match

STEP = 5
"""Per cent that a probability is told to: decisions bear no more."""


def likelihood(words: Words, match: Match) -> str:
    """`40 % de probabilitat que sigui rellevant`; empty before enough was decided to tell."""
    if match.probability is None:
        return ""
    rounded = round(match.probability * 100 / STEP) * STEP
    # Neither none nor all: a probability that was learnt is no certainty.
    share = format_percent(min(max(rounded, STEP), 100 - STEP) / 100, locale=BABEL_LOCALES[words.language])
    if rounded < STEP:
        return words.gettext("at most %(share)s likely to be relevant", share=share)
    return words.gettext("%(share)s likely to be relevant", share=share)


def learnt(words: Words, match: Match) -> str:
    """`Es van descartar 3 convocatòries semblants pel tema («grid hardware»).`; empty where nothing moved the call."""
    return " ".join(_sentence(words, entry) for entry in match.learnt)


def _sentence(words: Words, entry: dict[str, Any]) -> str:
    said = _said(words, entry["verdict"], entry["reason"], entry["count"])
    terms = ", ".join(map(words.quoted, entry["terms"]))
    return f"{said} ({terms})." if terms else f"{said}."


def _said(words: Words, verdict: str, reason: str, n: int) -> str:
    if verdict == "relevant":
        return words.ngettext(
            "%(n)s call like this one was found relevant", "%(n)s calls like this one were found relevant", n
        )
    match reason:
        case "theme":
            return words.ngettext(
                "%(n)s call like this one was dismissed because of its theme",
                "%(n)s calls like this one were dismissed because of their theme",
                n,
            )
        case "role":
            return words.ngettext(
                "%(n)s call like this one was dismissed because of the role we would have",
                "%(n)s calls like this one were dismissed because of the role we would have",
                n,
            )
        case "territory":
            return words.ngettext(
                "%(n)s call like this one was dismissed because of its territory",
                "%(n)s calls like this one were dismissed because of their territory",
                n,
            )
        case _:
            return words.ngettext(
                "%(n)s call like this one was dismissed", "%(n)s calls like this one were dismissed", n
            )
