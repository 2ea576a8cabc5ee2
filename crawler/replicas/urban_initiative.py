"""Portico's list of calls again, three a page. No real answer has been seen: the markup is made up round its selectors."""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request

from crawler.parsers.listing import SLASHES
from crawler.parsers.urban_initiative import LISTING
from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

PAGE_SIZE = 3
_CARD = Markup(
    '<article class="node node--type-call-for-proposals"><h3 class="title-node"><span>{title}</span></h3>'
    "<div>{status}</div><div>By {programme}</div>{deadline}{link}</article>\n"
)
_DEADLINE = Markup("<div><span>Deadline date : </span><span>{}</span></div>")
_LINK = Markup('<a href="{}">Find out more</a>')
_NEXT = Markup('<nav><li class="pager__item pager__item--next"><a href="?page={}">Next</a></li></nav>')


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these cards, in this order."""

    def calls(request: Request) -> Markup:
        page = request.query_params.get("page", "0")
        start = (int(page) if page.isdecimal() else 0) * PAGE_SIZE
        cards = Markup().join(map(_card, records[start : start + PAGE_SIZE]))
        more = start + PAGE_SIZE < len(records)
        return cards + (_NEXT.format(start // PAGE_SIZE + 1) if more else Markup())

    return listing_app({LISTING: calls})


def _card(record: Record) -> Markup:
    return _CARD.format(
        title=record["title"],
        status=record["status"],
        programme=record["programme"],
        deadline=_DEADLINE.format(record["deadline"]) if record["deadline"] else "",
        link=_LINK.format(record["href"]) if record["href"] else "",
    )


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every deadline so many days later; prose stays."""
    return moved(records, {"deadline": SLASHES}, days)
