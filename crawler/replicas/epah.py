"""The news of the Energy Poverty Advisory Hub again, ten a page.

Assumed where the portal's page is not known: the paging (`?page=1` is the second page).
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request

from crawler.parsers.listing import MONTH, day_of
from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

PAGE_SIZE = 10
_DAY = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")
_CARD = Markup(
    '<article class="ecl-content-item"><div class="ecl-content-block ecl-content-item__content-block">'
    '<ul class="ecl-content-block__primary-meta-container"><li class="ecl-content-block__primary-meta-item">{category}'
    '</li><li class="ecl-content-block__primary-meta-item"><time datetime="{datetime}">{date}</time></li></ul>'
    '<div class="ecl-content-block__title"><a href="{href}" class="ecl-link" data-ecl-title-link>{title}</a></div>'
    '<div class="ecl-content-block__description"><p>{description}</p></div></div></article>\n'
)
_NEXT = Markup(
    '<ul class="ecl-pagination__list"><li class="ecl-pagination__item ecl-pagination__item--next">'
    '<a href="?page={}">Next</a></li></ul>'
)


def create_app(records: Sequence[Record]) -> Starlette:
    """The news with these items, in this order."""

    def news(request: Request) -> Markup:
        page = request.query_params.get("page", "0")
        start = (int(page) if page.isdecimal() else 0) * PAGE_SIZE
        cards = Markup().join(_CARD.format(**record) for record in records[start : start + PAGE_SIZE])
        more = start + PAGE_SIZE < len(records)
        return cards + (_NEXT.format(start // PAGE_SIZE + 1) if more else Markup())

    return listing_app({"/newsroom/news": news})


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later: of publication, in both of its spellings, and in the text."""
    later = moved(records, {"datetime": "%Y-%m-%dT%H:%M:%SZ", "date": MONTH}, days)
    return [row | {"description": _shifted(row.get("description", ""), days)} for row in later]


def _shifted(text: str, days: int) -> str:
    def move(found: re.Match[str]) -> str:
        day = day_of(found.group(), MONTH)
        return f"{(day + timedelta(days)):{MONTH}}" if day else found.group()

    return _DAY.sub(move, text)
