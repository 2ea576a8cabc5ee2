"""Bars as inline SVG that a screen reader reads, a narrow screen holds, and a strict Content-Security-Policy lets through.

Widths are per cent of the drawing, heights and letters are px: the bars grow with the page, the letters do not. Colours
come from classes of the page's style sheet; without one everything has the colour of the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from markupsafe import Markup

LETTERS = 14
LINE, BAR, GAP = 20, 14, 12
BASELINE = 15
NARROWEST = 30
"""Characters of a label that a line holds beside the number on the narrowest screen, of 320 px."""
MOST_LINES = 3


@dataclass(frozen=True)
class Bar:
    """`value` gives the length; `said` is the value as people read it."""

    label: str
    value: float
    said: str


def bars(name: str, title: str, description: str, drawn: Sequence[Bar]) -> Markup:
    """Horizontal bars, one below the other, each under its label and its number.

    `name` is unique in the page. Lengths are shares of the largest value; one of nothing is a line.
    """
    largest = max((bar.value for bar in drawn), default=0) or 1
    parts, y = [], 0
    for bar in drawn:
        for line in _lines(bar.label):
            parts.append(Markup('<text x="0" y="{}">{}</text>').format(y + BASELINE, line))
            y += LINE
        parts.append(
            Markup('<text x="100%" y="{}" text-anchor="end" font-weight="700">{}</text>').format(
                y - LINE + BASELINE, bar.said
            )
        )
        parts.append(_bar(y, 100 * bar.value / largest))
        y += BAR + GAP
    head = Markup(
        '<svg class="plot" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{0}-title {0}-desc" '
        'width="100%" height="{1}" font-size="{2}" fill="currentColor"><title id="{0}-title">{3}</title>'
        '<desc id="{0}-desc">{4}</desc>'
    ).format(name, y, LETTERS, title, description)
    return head + Markup("").join(parts) + Markup("</svg>")


def _bar(y: int, share: float) -> Markup:
    """On a ground as wide as the largest one, which ends in a line: lengths compare without their colours."""
    return Markup(
        '<rect class="ground" x="0" y="{0}" width="100%" height="{1}" fill-opacity="0.12"/>'
        '<rect class="bar" x="0" y="{0}" width="{2}%" height="{1}"/>'
        '<rect x="0" y="{0}" width="2" height="{1}"/>'
    ).format(y, BAR, f"{share:.2f}")


def _lines(label: str) -> list[str]:
    return wrap(label, NARROWEST, max_lines=MOST_LINES, placeholder="…") or [""]
