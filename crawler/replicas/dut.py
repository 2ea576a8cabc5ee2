"""The calls of Driving Urban Transitions again, a list and a page each. No markup of the site has been seen: it is made up
round the addresses of its calls and documents.
"""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette

from crawler.parsers.dut import LISTING, path_of
from crawler.replicas.call_pages import call_page, shift_texts
from crawler.replicas.listing import listing_app
from crawler.replicas.sample import Record

_CARD = Markup(
    '<article><h3><a href="{href}">{title}</a></h3><p><a href="{href}#top">Read more</a></p></article>\n'
)
_REST = Markup(
    '<p><a href="/calls/test-1/questions">Questions and answers</a></p>'
    '<p><a href="https://example.org/calls/test">Made-up call elsewhere</a></p>'
)


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these calls, each linked twice, with links that lead to no call of its own; and their pages."""
    cards = Markup().join(_CARD.format(**record) for record in records)
    pages = {path_of(record): call_page(record) for record in records}
    return listing_app({LISTING: lambda _: Markup("<main>{}</main>").format(cards + _REST), **pages})


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every day of the calls' pages so many days later."""
    return shift_texts(records, days, "text")
