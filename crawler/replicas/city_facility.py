"""The European City Facility's list of calls again. No real answer has been seen: the markup is made up round its
selectors.
"""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette

from crawler.parsers.city_facility import LISTING
from crawler.parsers.listing import MONTH
from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

_CARD = Markup(
    '<div class="card"><a class="ce-linked" href="{href}"><img alt=""></a>'
    '<a class="ce-linked" href="{href}"><h3>{title}</h3><span>{published}</span></a></div>\n'
)
_REST = Markup('<a class="ce-linked" href="/calls/archive"><h3>All calls</h3></a>')


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these cards, each with a second link of its picture, and a link to no call."""
    return listing_app(
        {LISTING: lambda _: Markup().join(_CARD.format(**record) for record in records) + _REST}
    )


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date of publication so many days later."""
    return moved(records, {"published": MONTH}, days)
