"""A link of a page as the document behind it: what it is called, of what type and how large. Pure."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import unquote, urljoin, urlsplit

from crawler.text import plain_line
from store.records import Document

KINDS = (
    "csv",
    "doc",
    "docx",
    "odp",
    "ods",
    "odt",
    "pdf",
    "ppt",
    "pptx",
    "rar",
    "rtf",
    "xls",
    "xlsm",
    "xlsx",
    "zip",
)
"""The types of files that are documents; a link to anything else, an .html or .php page too, is none."""

LONGEST_LABEL = 2_000

_BYTES = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
"""Binary, also where a label says KB and not KiB: so count the systems that write such labels, Drupal and WordPress
([GK]). Of one that counts in thousands, an MB would be read five per cent too large.
"""

_KIND = rf"\.?(?:{'|'.join(KINDS)})\b"
_SIZE = r"\d[\d.,]*\s?(?:bytes?|[kmg]i?b)\b"
_BETWEEN = r"[\s,;:|/–—-]*"
_STATED = re.compile(
    rf"[(\[]\s*(?:{_KIND}{_BETWEEN}(?:{_SIZE})?|{_SIZE}{_BETWEEN}(?:{_KIND})?)\s*[)\]]"
    rf"|(?<![\w.,])(?:{_KIND}{_BETWEEN})?{_SIZE}(?:{_BETWEEN}{_KIND})?\s*$",
    re.IGNORECASE,
)
"""Type, size or both in brackets; or the size, with or without the type, at the end. A bare "pdf" is a word of a title."""
_FIGURE = re.compile(r"(\d[\d.,]*)\s?([bkmg])", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?")
"""A separator before three digits parts thousands in one language and decimals in another: then nobody can say."""
_SUFFIX = re.compile(rf"\.({'|'.join(KINDS)})$", re.IGNORECASE)


def documents_of(page: str, links: Iterable[Mapping[str, str]]) -> tuple[Document, ...]:
    """The documents among the links (`href`, `label`) of the page at the address `page`, each address once.

    Those without words, pictures of a document that is linked by its title too, count last.
    """
    found: dict[str, Document] = {}
    for link in sorted(links, key=lambda link: not link["label"].strip()):
        document = document_of(page, link["href"], link["label"])
        if document is not None:
            found.setdefault(document.address, document)
    return tuple(found.values())


def document_of(page: str, href: str, label: str) -> Document | None:
    """The document that `href` leads to; None for a page, or for what is no web address.

    The type is that of the file's name, else the one that the label states. The size is in bytes, None where the label
    does not say it clearly.
    """
    try:
        address = re.sub(r"\s", "%20", urljoin(page, href.strip()))
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    words = plain_line(label)[:LONGEST_LABEL]
    stated = _STATED.search(words)
    name = unquote(parts.path).rstrip("/").rpartition("/")[2]
    kind = _kind_of(name) or (_stated_kind(stated[0]) if stated else "")
    if not kind:
        return None
    return Document(
        title=(_title(words, stated) or plain_line(_SUFFIX.sub("", name)) or address)[:LONGEST_LABEL],
        address=address,
        kind=kind,
        size=_size(stated[0]) if stated else None,
    )


def _kind_of(name: str) -> str:
    match = _SUFFIX.search(name)
    return match[1].lower() if match else ""


def _stated_kind(stated: str) -> str:
    match = re.search(_KIND, stated, re.IGNORECASE)
    return match[0].lstrip(".").lower() if match else ""


def _size(stated: str) -> int | None:
    match = _FIGURE.search(stated)
    if match is None or not _NUMBER.fullmatch(match[1]):
        return None
    return round(Decimal(match[1].replace(",", ".")) * _BYTES[match[2].lower()])


def _title(words: str, stated: re.Match[str] | None) -> str:
    """The label without what it states of the file, and without the suffix of a name that was taken for it."""
    if stated:
        words = f"{words[: stated.start()].rstrip(' ,;:|/–—-')} {words[stated.end() :].lstrip()}"
    return _SUFFIX.sub("", " ".join(words.split()))
