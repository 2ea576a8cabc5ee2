"""What the replicas of standing schemes share: one page, as such pages are built; no real one has been seen."""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette

from crawler.parsers.listing import MONTH
from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

_PAGE = Markup(
    '<header><nav><a href="/">Home</a> <a href="/login">Sign in</a></nav></header>'
    '<div class="cookie-banner"><p>This made-up site has made-up cookies.</p></div>'
    '<main><ol class="breadcrumb"><li>Home</li><li>{title}</li></ol><h1>{title}</h1>\n{sections}{documents}'
    '<p><a href="{contact}">Contact us</a></p>'
    "<aside><h2>News</h2><p>Made-up news of {updated}</p></aside><p>Last updated: <time>{updated}</time></p></main>"
    "<footer><p>Made up on {updated}</p></footer>"
)
_SECTION = Markup("<section><h2>{heading}</h2>{paragraphs}{items}</section>\n")
_PARAGRAPH = Markup("<p>{}</p>")
_LIST = Markup("<ul>{}</ul>")
_ITEM = Markup("<li>{}</li>")
_DOCUMENT = Markup('<p><a href="{href}">{label}</a></p>\n')
_OTHER = Markup("<main><h1>Made-up page of something else</h1></main>")


def scheme_app(path: str, records: Sequence[Record]) -> Starlette:
    """The page at `path` as the first record has it; without a record it is another page."""
    return listing_app({path: lambda _: page(records[0]) if records else _OTHER})


def page(record: Record) -> Markup:
    return _PAGE.format(
        title=record["title"],
        updated=record["updated"],
        sections=Markup().join(map(_section, record["sections"])),
        documents=Markup().join(_DOCUMENT.format(**document) for document in record["documents"]),
        contact=record["contact"],
    )


def _section(section: Record) -> Markup:
    items = section.get("items", [])
    return _SECTION.format(
        heading=section["heading"],
        paragraphs=Markup().join(map(_PARAGRAPH.format, section.get("paragraphs", []))),
        items=_LIST.format(Markup().join(map(_ITEM.format, items))) if items else "",
    )


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies last updated so many days later; the schemes themselves have no dates."""
    return moved(records, {"updated": MONTH}, days)
