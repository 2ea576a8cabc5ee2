"""URBACT's list of calls again, and their pages. No real answer has been seen: the markup is made up round its selector."""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup
from starlette.applications import Starlette

from crawler.parsers.urbact import LISTING, path_of
from crawler.replicas.call_pages import call_page, shift_texts
from crawler.replicas.listing import listing_app
from crawler.replicas.sample import Record

_LINK = Markup('<a href="{href}">{title}</a>')
_BOX = Markup('<div class="box"><h3>{link}</h3><p><a href="{href}"><img alt=""></a></p>{around}</div>\n')
_AROUND = Markup("<p>{}</p>")
_SHARED = Markup("<p>Made-up calls with one paragraph, the first until 31 January 2031: {}.</p>\n")
_REST = Markup(
    '<p><a href="https://example.org/call-test">Made-up call elsewhere</a> until 31 January 2031.</p>'
    '<p><a href="https://urbact.eu/networks">Networks</a></p>'
)


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these calls, and their pages. A link has a box of its own when the record has words `around` it;
    neighbours without such words share a paragraph.
    """
    paragraphs = groupby(records, key=lambda record: bool(record["around"]))
    cards = Markup().join(
        _boxes(list(group)) if boxed else _shared(list(group)) for boxed, group in paragraphs
    )
    pages = {path_of(record): call_page(record) for record in records}
    return listing_app({LISTING: lambda _: cards + _REST, **pages})


def _boxes(records: Sequence[Record]) -> Markup:
    """`around` is the words of the link and what stands below them."""
    return Markup().join(
        _BOX.format(
            link=_LINK.format(**record),
            href=record["href"],
            around=_AROUND.format(record["around"].removeprefix(record["title"])),
        )
        for record in records
    )


def _shared(records: Sequence[Record]) -> Markup:
    return _SHARED.format(Markup(" and ").join(_LINK.format(**record) for record in records))


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every day around the links and on the calls' pages so many days later."""
    return shift_texts(records, days, "around", "text")
