"""Climate-KIC's list of calls again, and the pages behind its cards. No real list has been seen: the markup is made up
round its selectors.
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request

from crawler.parsers.climate_kic import LISTING, own_path
from crawler.replicas.listing import listing_app
from crawler.replicas.prose import with_days_moved
from crawler.replicas.sample import Record

_CARD = Markup('<div class="bg-white rounded-20 p-6"><h3><a href="{href}">{title}</a></h3>{labels}</div>\n')
_BOX = Markup('<div class="bg-white rounded-20"><h3>All news</h3><a href="/news/">Read</a></div>\n')
_PAGE = Markup(
    '<nav><a href="{listing}">Open calls</a></nav><main><h1>{title}</h1>{text}'
    '<div class="bg-white rounded-20"><h3><a href="/open-call/another/">Another call</a></h3><p>Deadline</p>'
    "<p>2031-01-31</p></div></main><footer>Deadline: 31 January 2031</footer>"
)
_PARAGRAPH = Markup("<p>{}</p>")
_LINK = Markup('<a href="{href}">{label}</a>')


def create_app(records: Sequence[Record]) -> Starlette:
    """The list with these cards, a box that is no card, and a page for each call of the site itself."""
    cards = Markup().join(_CARD.format(**record | {"labels": _labels(record)}) for record in records)
    pages = {own_path(record): _page(record) for record in records if own_path(record)}
    return listing_app({LISTING: lambda _: cards + _BOX, **pages})


def _labels(record: Record) -> Markup:
    return Markup().join(map(_PARAGRAPH.format, record["labels"]))


def _page(record: Record) -> Callable[[Request], Markup]:
    """`text` is the title and then the paragraphs of the page, parted by blank lines; one that labels a link is it."""
    links = {link["label"]: _LINK.format(**link) for link in record["links"]}
    _, *paragraphs = record["text"].split("\n\n")
    text = Markup().join(_PARAGRAPH.format(links.get(words) or _lines(words)) for words in paragraphs)
    return lambda _: _PAGE.format(listing=LISTING, title=record["title"], text=text)


def _lines(words: str) -> Markup:
    return Markup("<br>").join(words.split("\n"))


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every day on the cards and the pages so many days later."""
    return [
        record
        | {
            "labels": [with_days_moved(label, days) for label in record["labels"]],
            "text": with_days_moved(record["text"], days),
        }
        for record in records
    ]
