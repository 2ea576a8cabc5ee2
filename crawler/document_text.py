"""The text of one PDF, in a process of its own: `python -m crawler.document_text FILE PAGES CHARACTERS MEMORY SECONDS`.

A PDF is a program for those who read it, and a hostile one takes for ever, or all the memory there is. So this process
limits itself before it opens the file. It prints a line of JSON a page as soon as it has read it, so that what was read
before a limit is not lost.
"""

import json
import logging
import resource
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, LimitReachedError, PyPdfError


def main() -> None:
    file, *limits = sys.argv[1:]
    pages, characters, memory, seconds = map(int, limits)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    logging.disable()  # pypdf has a word on every oddity, and a hostile file has millions of them
    fault = ""
    try:
        for line in read(file, pages, characters):
            _print(line)
    except FileNotDecryptedError:
        fault = "the PDF asks for a password"
    except (LimitReachedError, MemoryError):
        fault = "the PDF unpacks to more than is allowed"
    except (PyPdfError, RecursionError):
        fault = "the PDF is broken"
    if fault:  # said only here: what filled the memory goes with the error
        _print({"fault": fault})


def read(file: str, pages: int, characters: int) -> Iterator[dict[str, Any]]:
    """`{"pages": …}`, a `{"text": …}` for each page, and `{"fault": …}` where that is not the whole text."""
    found = PdfReader(file).pages
    yield {"pages": len(found)}
    left, has_text = characters, False
    for number in range(min(len(found), pages)):
        text = printable(found[number].extract_text())
        yield {"text": text[:left]}
        has_text = has_text or bool(text)
        left -= len(text)
        if left < 0:
            yield {"fault": f"the PDF has more than {characters:,} characters"}
            return
    if len(found) > pages:
        yield {"fault": f"the PDF has more than {pages} pages"}
    elif not has_text:
        yield {"fault": "the PDF has no text: its pages are pictures" if found else "the PDF has no pages"}


def printable(text: str) -> str:
    """`text` without what a terminal would take for a command, and without halves of characters."""
    return "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    ).strip()


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - its standard output is what it is read by


if __name__ == "__main__":
    main()
