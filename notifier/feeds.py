"""Calls as an Atom feed (RFC 4287): what is new or changed, the newest first."""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from config.organisation import Organisation
from notifier.items import Item
from notifier.permanent import call_tag, feed_tag
from notifier.plain import plain, rfc3339
from notifier.scope import Scope, updated_at
from notifier.sheet import Sheet, write_sheet
from notifier.templating import templates
from notifier.words import Words

NAMESPACE = "http://www.w3.org/2005/Atom"
LONGEST = 200
"""Entries, the newest: programs ask for the whole of a feed every hour, and keep what they have read."""


def write_feed(
    scope: Scope, words: Words, organisation: Organisation, now: datetime, address: str = ""
) -> bytes:
    """The feed of `scope`, UTF-8. `address`: where it will be published, if that is known."""
    newest = sorted(
        scope.items, key=lambda item: (-updated_at(item).timestamp(), item.call.source, item.call.source_key)
    )[:LONGEST]
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:lang": words.language})
    _text(feed, "id", feed_tag(organisation, scope.key, words.language))
    _text(feed, "title", scope.title(words))
    _text(feed, "updated", rfc3339(updated_at(newest[0]) if newest else now))
    _author(feed, organisation.profile.name[words.language])
    SubElement(feed, "link", {"rel": "alternate", "href": organisation.profile.website})
    if address:
        SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": address})
    _text(feed, "generator", "funding-tracker")
    for item in newest:
        sheet = write_sheet(item, words, organisation, now)
        feed.append(_entry(item, sheet, words, organisation))
    indent(feed)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(item: Item, sheet: Sheet, words: Words, organisation: Organisation) -> Element:
    entry = Element("entry")
    _text(entry, "id", call_tag(organisation, item.call))
    _text(entry, "title", sheet.title, {"xml:lang": sheet.title_language})
    _text(entry, "updated", rfc3339(updated_at(item)))
    _text(entry, "published", rfc3339(item.call.first_seen_at))
    _author(entry, sheet.source.name)
    SubElement(entry, "link", {"rel": "alternate", "href": plain(sheet.address)})
    for area in sheet.areas:
        SubElement(entry, "category", {"term": area.key, "label": area.name})
    template = templates(words.language).get_template("feed_entry.html.j2")
    _text(entry, "content", template.render(sheet=sheet, words=words), {"type": "html"})
    return entry


def _author(parent: Element, name: str) -> None:
    _text(SubElement(parent, "author"), "name", name)


def _text(parent: Element, name: str, text: str, attributes: dict[str, str] | None = None) -> None:
    SubElement(parent, name, attributes or {}).text = plain(text)
