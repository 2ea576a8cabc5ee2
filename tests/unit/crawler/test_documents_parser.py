"""Links of pages as documents: type, size and title by address and label, and links that are none."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.parsers.documents import KINDS, LONGEST_LABEL, document_of, documents_of
from store.records import Document

PAGE = "https://example.org/calls/test"
UNITS = {"bytes": 1, "KB": 1024, "kB": 1024, "KiB": 1024, "MB": 1024**2, "mb": 1024**2, "GB": 1024**3}


def found(label: str, href: str = "/files/test.pdf") -> Document:
    document = document_of(PAGE, href, label)
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("label", "title", "size"),
    [
        ("DUT Call 2022_Call Text (pdf 1.53 MB)", "DUT Call 2022_Call Text", 1_604_321),
        ("Projects Catalogue (pdf 189.23 KB)", "Projects Catalogue", 193_772),
        ("DUT Call 2026_Call Text.pdf (pdf 3.16 MB)", "DUT Call 2026_Call Text", 3_313_500),
        ("Convocatòria (PDF, 1,5 MB)", "Convocatòria", 1_572_864),
        ("English (1.5 MB - PDF)", "English", 1_572_864),
        ("Guide [3 MB]", "Guide", 3 * 1024**2),
        ("Guide – PDF | 3\u00a0MB", "Guide", 3 * 1024**2),
        ("Guide, 512 bytes", "Guide", 512),
        ("Guide (pdf 2 GB) in English", "Guide in English", 2 * 1024**3),
        ("Guide of 2026 3 MB", "Guide of 2026", 3 * 1024**2),
        ("Guide (pdf)", "Guide", None),
        ("Guide", "Guide", None),
        ("<b>Guide</b> (pdf 1 KB)", "Guide", 1024),
    ],
)
def test_title_and_size(label: str, title: str, size: int | None) -> None:
    assert (found(label).title, found(label).size) == (title, size)


@pytest.mark.parametrize("figure", ["1.234", "1,234", "1.2.3", "1,234.5", "1..5", "1.", "12345678901"])
def test_size_that_can_be_read_in_two_ways_is_unknown(figure: str) -> None:
    document = found(f"Guide (pdf {figure} KB)")
    assert (document.title, document.size) == ("Guide", None)


@pytest.mark.parametrize("label", ["Guide (2 pages)", "Guide v1.53 MB", "Guide (12 MBit)", "Room 3 B", "MB"])
def test_what_is_no_size_stays_in_the_title(label: str) -> None:
    assert (found(label).title, found(label).size) == (label, None)


@pytest.mark.parametrize(
    ("href", "label", "kind"),
    [
        ("/files/guide.PDF", "Guide", "pdf"),
        ("/files/budget.xlsx?v=2#top", "Budget", "xlsx"),
        ("/files/all%2Ezip", "All", "zip"),
        ("/download/17", "Model (docx 12 KB)", "docx"),
        ("/download/17", "Model (.odt)", "odt"),
        ("/download/17", "Guide, PDF 2 MB", "pdf"),
        ("/files/guide.docx", "Guide (pdf)", "docx"),
    ],
)
def test_kind_by_the_address_and_else_by_the_label(href: str, label: str, kind: str) -> None:
    assert found(label, href).kind == kind


@pytest.mark.parametrize(
    ("href", "label"),
    [
        ("/calls/test", "How to apply"),
        ("/calls/test.html", "How to apply"),
        ("/calls/test.php?file=guide.pdf", "Guide"),
        ("/how-to-make-a-pdf", "How to make a pdf"),
        ("/upload", "Files of up to 5 MB"),
        ("https://example.zip", "A site"),
        ("mailto:office@example.org?subject=guide.pdf", "Guide (pdf)"),
        ("javascript:open('guide.pdf')", "Guide (pdf 1 MB)"),
        ("http://[broken/guide.pdf", "Guide"),
        ("#guide.pdf", "Guide"),
        ("", ""),
    ],
)
def test_link_to_no_file_is_no_document(href: str, label: str) -> None:
    assert document_of(PAGE, href, label) is None


@pytest.mark.parametrize(
    ("href", "label", "title"),
    [
        ("/files/call%20text.pdf", "", "call text"),
        ("/files/call%20text.pdf", " (pdf 1 MB) ", "call text"),
        ("/files/.pdf", "", "https://example.org/files/.pdf"),
    ],
)
def test_title_of_a_link_without_words_is_the_name_of_the_file(href: str, label: str, title: str) -> None:
    assert found(label, href).title == title


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("guide.pdf", "https://example.org/calls/guide.pdf"),
        (" /files/the guide.pdf\n", "https://example.org/files/the%20guide.pdf"),
        ("//files.example.org/guide.pdf", "https://files.example.org/guide.pdf"),
        ("http://example.net/guide.pdf", "http://example.net/guide.pdf"),
    ],
)
def test_address_is_whole(href: str, address: str) -> None:
    assert found("Guide", href).address == address


def test_document_linked_twice_is_one_and_has_the_words() -> None:
    links = [
        {"href": "/files/a.pdf", "label": " "},
        {"href": "/files/b.pdf", "label": "B"},
        {"href": "/files/a.pdf", "label": "A (pdf 1 KB)"},
        {"href": "/files/a.pdf", "label": "Download"},
        {"href": "/calls", "label": "All calls"},
    ]
    assert [(document.title, document.size) for document in documents_of(PAGE, links)] == [
        ("B", None),
        ("A", 1024),
    ]


def test_very_long_label_is_cut() -> None:
    assert len(found("a" * 3_000 + " (pdf 1 MB)").title) == LONGEST_LABEL


words = st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=12)
titles = st.lists(words, min_size=1, max_size=6).map(" ".join)


@given(
    title=titles,
    kind=st.sampled_from(KINDS),
    hundredths=st.integers(0, 10**8),
    unit=st.sampled_from(sorted(UNITS)),
    comma=st.booleans(),
    form=st.sampled_from(
        ["{t} ({k} {s})", "{t} [{s}, {k}]", "{t} – {k} {s}", "{t}.{k} ({k} | {s})", "{t} ({s})"]
    ),
)
def test_stated_size_is_read_to_the_byte_and_the_title_stays(
    title: str, kind: str, hundredths: int, unit: str, comma: bool, form: str
) -> None:
    assume(title.rsplit(maxsplit=1)[-1].lower() not in KINDS)  # "pdf pdf 1 MB" may be either
    figure = f"{hundredths // 100}.{hundredths % 100:02}".replace(".", "," if comma else ".")
    label = form.format(t=title, k=kind, s=f"{figure} {unit}")
    document = document_of(PAGE, f"/files/test.{kind}", label)
    assert document is not None
    assert document.kind == kind
    assert document.size is not None
    assert abs(document.size * 100 - hundredths * UNITS[unit]) <= 50
    assert document.title.split() == Document(title=title, address=PAGE).title.split()


@given(href=st.text(max_size=60), label=st.text(max_size=80))
def test_any_link_is_a_whole_document_or_none(href: str, label: str) -> None:
    document = document_of(PAGE, href, label)
    assert document is None or (document.kind in KINDS and document.title != "")


@given(
    label=st.text(st.sampled_from("([pdf xls,.|-–KMB0123456789 ])"), max_size=40), kind=st.sampled_from(KINDS)
)
def test_any_label_of_a_file_makes_a_document(label: str, kind: str) -> None:
    document = found(label, f"/files/test.{kind}")
    assert document.kind == kind
    assert document.size is None or document.size >= 0
