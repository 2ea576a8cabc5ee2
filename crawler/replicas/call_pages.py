"""What the replicas of lists with a page a call share: that page, and days moved in its text."""

from collections.abc import Callable, Sequence

from markupsafe import Markup
from starlette.requests import Request

from crawler.replicas.prose import with_days_moved
from crawler.replicas.sample import Record

_PAGE = Markup(
    '<header><a href="/">Home</a></header><main><nav><p>Deadline of another call: 31 January 2031</p></nav>'
    "<h1>{heading}</h1>{paragraphs}<ul>{links}</ul></main><footer><p>Newsletter until 31 January 2031</p></footer>"
)
_PARAGRAPH = Markup("<p>{}</p>\n")
_LINK = Markup('<li><a href="{href}"><span>{label}</span></a></li>\n')


def call_page(record: Record) -> Callable[[Request], Markup]:
    """The page of a call with its `heading`, the lines of its `text` and its `links`, and other days around them."""
    page = _PAGE.format(
        heading=record["heading"],
        paragraphs=Markup().join(map(_PARAGRAPH.format, record["text"].splitlines())),
        links=Markup().join(_LINK.format(**link) for link in record["links"]),
    )
    return lambda _: page


def shift_texts(records: Sequence[Record], days: int, *fields: str) -> list[Record]:
    """Copies with every day in the texts `fields` so many days later."""
    return [record | {field: with_days_moved(record[field], days) for field in fields} for record in records]
