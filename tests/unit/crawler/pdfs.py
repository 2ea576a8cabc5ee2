"""PDFs of every kind that portals have, made on the spot."""

from collections.abc import Iterable
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

FONT = DictionaryObject(
    {
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
        NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
    }
)


def pdf_of(*pages: str, password: str | None = None, algorithm: str = "AES-256") -> bytes:
    """A PDF with these texts, one a page. With the password "" anybody may open it, but not change it."""
    drawn = [b"BT /F1 12 Tf 72 720 Td (" + text.encode("cp1252") + b") Tj ET" for text in pages]
    return pdf_that_draws(drawn, password, algorithm)


def scan() -> bytes:
    """A page that is one picture."""
    return pdf_that_draws([b"q 612 0 0 792 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q"])


def bomb() -> bytes:
    """Two hundred kilobytes that unpack to two hundred megabytes."""
    return pdf_that_draws([b" " * 200_000_000])


def slow() -> bytes:
    """A page of text, then some that each take seconds to read."""
    heavy = b"BT /F1 12 Tf " + b"(x) Tj " * 900_000 + b"ET"
    return pdf_that_draws([b"BT /F1 12 Tf (Made-up first page) Tj ET", *[heavy] * 20])


def pdf_that_draws(
    contents: Iterable[bytes], password: str | None = None, algorithm: str = "AES-256"
) -> bytes:
    """A PDF with these instructions, one stream a page, packed."""
    writer = PdfWriter()
    for instructions in contents:
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(instructions)
        packed = writer._add_object(stream.flate_encode())  # noqa: SLF001 - pypdf has no other way
        page[NameObject("/Contents")] = packed
        fonts = DictionaryObject({NameObject("/F1"): FONT})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if password is not None:
        writer.encrypt(password, owner_password="TEST-owner", algorithm=algorithm)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
