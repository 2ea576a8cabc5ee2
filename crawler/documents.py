"""The text of a call's documents, fetched when somebody asks for it and kept nowhere. Limits: docs/documents.md."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pydantic import BaseModel

from config.schema import Source
from config.secret_files import without_secrets
from config.settings import Settings
from store.records import Document

MEGABYTE = 1024 * 1024
GRACE = 30
"""Seconds beyond its own limit after which a process is killed, or ends when nobody is left to kill it."""
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Limits:
    """At most so much. `largest` are bytes of one document, `memory` bytes that reading one may take."""

    largest: int = 20 * MEGABYTE
    documents: int = 10
    seconds_to_fetch: int = 300
    pages: int = 500
    characters: int = 1_000_000
    memory: int = 1024 * MEGABYTE
    seconds_to_read: int = 60


DEFAULT_LIMITS = Limits()


@dataclass
class DocumentText:
    """A document's text, or what of it was read, and a sentence on why that is not all. `pages` None: not known."""

    address: str
    text: str = ""
    pages: int | None = None
    fault: str = ""


class Errand(BaseModel):
    """What `crawler.document_fetch` is to fetch into `folder`, each document as a file named by its place in the list.

    The hosts of `private` may be met although they are; `delay` is in seconds.
    """

    addresses: list[str]
    folder: Path
    largest: int
    seconds: int
    private: list[str]
    delay: float


class Portal:
    """Where the documents of a source are met: at its own address, or where FUNDING_ADDRESS_<SOURCE> says."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self.home = source.address.rstrip("/")
        self.met = settings.address_of(source.key, self.home)
        self.is_copy = urlsplit(self.met).hostname in THIS_MACHINE
        # A replica on this machine has nobody to be polite to.
        self.delay = 0.0 if self.is_copy else source.delay

    @property
    def private(self) -> list[str]:
        """Where the operator pointed the source to; he may have it stand in his own network."""
        return [self.met] if self.met != self.home else []

    def place_of(self, address: str) -> str:
        """Where the document at `address` is asked for; one that does not lie with the portal stays where it is."""
        return self.met + address.removeprefix(self.home) if self.has(address) else address

    def has(self, address: str) -> bool:
        return address.startswith(f"{self.home}/")


def read_documents(
    documents: Sequence[Document], source: Source | None, settings: Settings, limits: Limits = DEFAULT_LIMITS
) -> list[DocumentText]:
    """The text of each of `documents`, in their order; `source` is the one that links them, None when it is gone.

    What is wrong with a document it says itself: nothing is raised for it.
    """
    texts = {document.address: DocumentText(document.address) for document in documents}
    if source is None or not source.enabled:
        reason = f"is switched off: {source.reason}" if source else "is not configured any more"
        for text in texts.values():
            text.fault = f"its source {reason}"
        return [texts[document.address] for document in documents]
    portal = Portal(source, settings)
    for document in documents:
        texts[document.address].fault = _refusal(document, portal, limits)
    wanted = [text for text in texts.values() if not text.fault]
    for text in wanted[limits.documents :]:
        text.fault = f"only {limits.documents} documents of a call are fetched"
    if wanted:
        _fill(wanted[: limits.documents], portal, settings, limits)
    return [texts[document.address] for document in documents]


def _refusal(document: Document, portal: Portal, limits: Limits) -> str:
    """Why `document` is not even asked for; empty when it is."""
    if document.kind.lower() not in ("", "pdf", "application/pdf"):
        return f"only PDFs are read, and its source says that it is {document.kind}"
    if (document.size or 0) > limits.largest:
        return too_large(limits.largest)
    if portal.is_copy and not portal.has(document.address):
        return "it lies outside the copy of its portal that is met here"
    return ""


def too_large(largest: int) -> str:
    return f"it is larger than {largest / MEGABYTE:g} MB"


def _fill(wanted: Sequence[DocumentText], portal: Portal, settings: Settings, limits: Limits) -> None:
    """Fetch all in one process, then read each in one of its own."""
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="funding-") as folder,
        (logs / "documents.log").open("wb") as log,
    ):
        errand = Errand(
            addresses=[portal.place_of(text.address) for text in wanted],
            folder=Path(folder),
            largest=limits.largest,
            seconds=limits.seconds_to_fetch,
            private=portal.private,
            delay=portal.delay,
        )
        _fetch(wanted, errand, settings, log)
        for number, text in enumerate(wanted):
            if not text.fault:
                _read(text, Path(folder) / str(number), limits, log)


def _fetch(wanted: Sequence[DocumentText], errand: Errand, settings: Settings, log: BinaryIO) -> None:
    environment = {
        "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        "FUNDING_HOME": str(settings.home.absolute()),
        "FUNDING_CONTACT": settings.contact,
    }
    command = ["crawler.document_fetch"]
    given = errand.model_dump_json().encode()
    lines, code = _run(command, errand.seconds + GRACE, log, given, environment)
    failed = f"it could not be fetched: {log.name} tells why"
    faults = {line["number"]: line["fault"] for line in lines}
    for number, text in enumerate(wanted):
        text.fault = faults.get(number, failed if code else "it did not come in time")


def _read(text: DocumentText, file: Path, limits: Limits, log: BinaryIO) -> None:
    bounds = (limits.pages, limits.characters, limits.memory, limits.seconds_to_read + GRACE)
    command = ["crawler.document_text", str(file), *map(str, bounds)]
    lines, code = _run(command, limits.seconds_to_read, log)
    read = [line["text"] for line in lines if "text" in line]
    text.pages = next((line["pages"] for line in lines if "pages" in line), None)
    text.text = "\n\n".join(filter(None, read))
    text.fault = next((line["fault"] for line in lines if "fault" in line), "")
    if code is None:
        text.fault = f"it takes longer than {limits.seconds_to_read} seconds to read"
    elif code:
        text.fault = f"it could not be read: {log.name} tells why"
    if text.fault and text.text:
        text.fault += f"; this is its text up to page {len(read)} of {text.pages}"


def _run(
    command: Sequence[str],
    seconds: float,
    log: BinaryIO,
    given: bytes = b"",
    environment: dict[str, str] | None = None,
) -> tuple[list[dict[str, Any]], int | None]:
    """The lines of JSON that a module of this program printed, and its exit code; None when it had to be killed."""
    try:
        done = subprocess.run(  # noqa: S603 - this program's own modules
            [sys.executable, "-m", *command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=log,
            timeout=seconds,
            env=without_secrets() | (environment or {}),
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return list(_lines(late.stdout or b"")), None
    return list(_lines(done.stdout)), done.returncode


def _lines(printed: bytes) -> Iterator[dict[str, Any]]:
    """The lines that are whole: a process that was killed may have been writing one."""
    for line in printed.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
