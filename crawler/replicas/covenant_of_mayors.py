"""The Covenant of Mayors' list of calls again. No real answer has been seen: the markup is made up round the names of
the fields.
"""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette

from crawler.parsers.covenant_of_mayors import LISTING
from crawler.parsers.listing import MONTH
from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

FIELDS = ("entity", "deadline", "type", "eligibility")
_CARD = Markup('<article><h3><a href="{href}">{title}</a></h3><dl>{fields}</dl></article>\n')
_FIELD = Markup("<dt>{}:</dt><dd>{}</dd>")


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these cards; a field that a record lacks is not shown."""
    cards = Markup().join(map(_card, records))
    return listing_app({LISTING: lambda _: Markup("<main>{}</main>").format(cards)})


def _card(record: Record) -> Markup:
    fields = Markup().join(
        _FIELD.format(name.capitalize(), record[name]) for name in FIELDS if record.get(name)
    )
    return _CARD.format(href=record["href"], title=record["title"], fields=fields)


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every deadline so many days later; prose stays."""
    return moved(records, {"deadline": MONTH}, days)
