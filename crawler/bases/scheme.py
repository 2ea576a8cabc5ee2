"""Standing schemes: one page for people that states what is offered, to whom and how to apply; no call, no cards."""

from parsel import Selector

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.text import plain_line, plain_text

PASSING = "nav, footer, aside, script, style, [class*=cookie], [class*=breadcrumb], [class*=share], [class*=related]"
"""What stands within the content of a page and changes without the scheme."""
_BREAK = "\u2063"
"""Invisible and in no text of a portal: where a heading begins."""


class SchemeSpider(ListingSpider):
    """A listing with one card: the whole page. A subclass gives `paths` with one path, `heading`, `card` and `to_record`.

    `card` matches the page only if it has all that the scheme's page must have, so that a page that moved, a login or
    an application that answers every path with 200 is a fault.
    """

    heading: str
    """A selector of the heading that names the scheme."""
    content = "main"
    """A selector of what the page says, without the site around it."""

    def to_row(self, card: Selector) -> Row:
        content = Selector("".join(card.css(self.content).getall()))
        content.css(f"h1, {PASSING}").drop()
        return {
            "title": plain_line(card.css(self.heading).get("")),
            "links": [
                {"label": plain_line(link.get()), "href": link.attrib["href"].strip()}
                for link in content.css("a[href]")
            ],
            "sections": _sections(content),
        }

    def key_of(self, row: Row) -> str:
        return self.name


def _sections(content: Selector) -> list[dict[str, str]]:
    """The text below each heading; what stands before the first has none."""
    for heading in content.css("h2, h3, h4"):
        heading.root.text = _BREAK + (heading.root.text or "")
    before, *parts = plain_text(content.get()).split(_BREAK)
    sections = [{"heading": "", "text": before.strip()}]
    for part in parts:
        title, _, text = part.partition("\n")
        sections.append({"heading": title.strip(), "text": text.strip()})
    return [section for section in sections if any(section.values())]
