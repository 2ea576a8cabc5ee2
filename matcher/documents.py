"""Calls as texts to compare: without the sentences that every call of a programme opens with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from matcher.excerpts import Excerpt, excerpts_of, parted
from store.models import Call

_HEADINGS = re.compile(
    r"\b(Expected (?:Outcomes?|Impacts?)|Scope|Objectives?|General conditions)\s*:\s*", re.IGNORECASE
)
_FORMULA = re.compile(
    r"""(?ix) \b (?=[adipt])
    (?: (?:the\s+)? (?:project\s+results|projects?|proposals?|actions?|activities) \s+ (?:under\s+this\s+topic\s+)?
          (?:are|is|should|must|will) \s+ (?:be\s+)? (?:expected\s+to\s+)? contribut\w* \s+ to \s+
          (?:all|some|several|at\s+least\s+\w+)? (?:\s*of)? \s* (?:the\s+)? (?:following)? \s* (?:expected\s+)?
          (?:outcomes?|results|impacts?)? \s* :?
      | (?:in\s+order\s+)? to \s+ achieve \s+ the \s+ expected \s+ outcomes? ,?
      | described \s+ in \s+ annex \s+ [a-h] [^.]* \.
    )
    """
)
_MARK = re.compile(r"\[\d+\]|https?://\S+", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """The texts of one call that are compared: its title, what it is about, and who may take part and where.

    `excerpts` are what rules on applicants read. Types of action stand one a line.
    """

    call_id: int
    identifier: str
    type_of_action: str
    title: str
    body: str
    excerpts: tuple[Excerpt, ...] = ()
    title_language: str = "en"
    kind: str = ""
    programme: str = ""
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.title}. {self.body}"

    @property
    def conditions(self) -> str:
        """What the source states of conditions and applicants, apart from the text."""
        return "\n".join(excerpt.text for excerpt in self.excerpts if excerpt.field != "text")


def to_document(call: Call) -> Document:
    assert call.id is not None
    return Document(
        call_id=call.id,
        identifier=call.identifiers[0] if call.identifiers else "",
        type_of_action="\n".join(call.types_of_action),
        title=call.title,
        body=to_body(call.texts),
        excerpts=excerpts_of(call.conditions, call.applicants, call.texts),
        title_language="en" if call.titles.get("en") else next(iter(call.titles)),
        kind=call.kind,
        programme=call.programme,
        countries=tuple(call.countries),
        regions=tuple(call.regions),
    )


def to_body(texts: Mapping[str, str]) -> str:
    """A call's texts, by language, as the one that is compared."""
    return "\n".join(clean(text) for text in texts.values())


def clean(text: str) -> str:
    """A call's text without headings, opening formulas and footnote marks, words parted where an export ran them together."""
    bare = _MARK.sub(" ", _FORMULA.sub(" ", _HEADINGS.sub(" ", parted(text))))
    return " ".join(bare.split())
