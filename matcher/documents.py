"""Calls as texts to compare: without the sentences that every call of a programme opens with."""

import re
from dataclasses import dataclass

from store.models import Call

_HEADINGS = re.compile(
    r"\b(Expected (?:Outcomes?|Impacts?)|Scope|Objectives?|General conditions)\s*:\s*", re.IGNORECASE
)
_BOILERPLATE = re.compile(
    r"""(?ix)
      (?:the\s+)? (?:project\s+results|projects?|proposals?|actions?|activities) \s+ (?:under\s+this\s+topic\s+)?
        (?:are|is|should|must|will) \s+ (?:be\s+)? (?:expected\s+to\s+)? contribut\w* \s+ to \s+
        (?:all|some|several|at\s+least\s+\w+)? (?:\s*of)? \s* (?:the\s+)? (?:following)? \s* (?:expected\s+)?
        (?:outcomes?|results|impacts?)? \s* :?
    | (?:in\s+order\s+)? to \s+ achieve \s+ the \s+ expected \s+ outcomes? ,?
    | described \s+ in \s+ annex \s+ [a-h] [^.]* \.
    | \[\d+\] | https?://\S+
    """
)
_RUN_TOGETHER = re.compile(r"(?<=[a-zà-ÿ0-9;.)])(?=[A-ZÀ-Þ][a-zà-ÿ])")
"""Where a portal's export lost the space between two sentences: `legislation;Better`."""


@dataclass(frozen=True)
class Document:
    """The texts of one call that are compared: its title, what it is about, and who may take part."""

    call_id: int
    identifier: str
    type_of_action: str
    title: str
    body: str
    conditions: str

    @property
    def text(self) -> str:
        return f"{self.title}. {self.body}"

    @property
    def eligibility_text(self) -> str:
        """Where rules look for who may apply: the conditions, and the opening of the text."""
        return f"{self.conditions}\n{self.body[:600]}"


def to_document(call: Call) -> Document:
    assert call.id is not None
    body = "\n".join(clean(text) for text in call.texts.values())
    return Document(
        call_id=call.id,
        identifier=call.identifiers[0] if call.identifiers else "",
        type_of_action=" ".join(call.types_of_action),
        title=call.title,
        body=body,
        conditions="\n".join(
            [*(_RUN_TOGETHER.sub(" ", text) for text in call.conditions.values()), *call.applicants]
        ),
    )


def clean(text: str) -> str:
    """A call's text without headings, opening formulas and footnote marks, words parted where an export ran them together."""
    parted = _RUN_TOGETHER.sub(" ", text)
    return " ".join(_BOILERPLATE.sub(" ", _HEADINGS.sub(" ", parted)).split())
