"""Documents of a call, fetched from a portal on this machine: each gives its text, or a sentence on why it does not."""

import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from config.schema import Source
from config.settings import Settings
from crawler.document_fetch import crawl_settings
from crawler.documents import MEGABYTE, DocumentText, Errand, Limits, Portal, read_documents
from crawler.replicas.serving import Replica, RequestLog, Seen
from store.records import Document
from tests.unit.crawler.pdfs import bomb, pdf_of, scan, slow

HOME = "https://portal.example"
LIMITS = Limits(largest=MEGABYTE, documents=50, seconds_to_read=5)
PDFS = {
    "two-pages": pdf_of("Made-up call", "Who may apply: café owners"),
    "after-a-banner": b"\r\n<!-- served by TEST -->\r\n" + pdf_of("Made-up call"),
    "anybody-may-open": pdf_of("Made-up call", password=""),
    "anybody-may-open-rc4": pdf_of("Made-up call", password="", algorithm="RC4-128"),
    "commands": pdf_of("red\x1b[31m and \x07loud"),
    "secret": pdf_of("Made-up call", password="TEST-word"),
    "secret-rc4": pdf_of("Made-up call", password="TEST-word", algorithm="RC4-128"),
    "scan": scan(),
    "no-pages": pdf_of(),
    "broken": b"%PDF-1.7\nMade-up: nothing of a PDF follows",
    "half": pdf_of("Made-up call", "Made-up page")[:400],
    "mislabelled": pdf_of("Made-up call").replace(b"/FlateDecode", b"/ASCII85Decode"),
    "bomb": bomb(),
    "slow": slow(),
}
ROBOTS = "User-agent: *\nDisallow: /closed/\n"
BIG = MEGABYTE + 1


def source(**facts: object) -> Source:
    return Source.model_validate(
        {
            "key": "test_portal",
            "name": "Made-up portal",
            "address": HOME,
            "page": HOME,
            "access": "made up",
            "terms": "made up",
            "robots": "made up",
            "cadence": "weekly",
            "enabled": True,
        }
        | facts
    )


def linked(*paths: str, home: str = HOME) -> list[Document]:
    return [Document(title=f"Made-up {path}", address=home + path) for path in paths]


async def pieces() -> AsyncIterator[bytes]:
    yield b"%PDF-1.7"
    for _ in range(20):
        yield bytes(BIG // 10)


def packed(content: bytes) -> Response:
    return Response(gzip.compress(content), headers={"Content-Encoding": "gzip"})


def answers(next_door: str) -> dict[str, Callable[[], Response]]:
    """What a portal may answer in the place of a document."""
    return {
        "missing": lambda: PlainTextResponse("Not found", 404),
        "forbidden": lambda: PlainTextResponse("Forbidden", 403),
        "down": lambda: PlainTextResponse("Unavailable", 503),
        "page": lambda: HTMLResponse("<!doctype html><title>Sign in</title>"),
        "empty": Response,
        "huge": lambda: Response(b"%PDF-1.7" + bytes(BIG)),
        "huge-in-pieces": lambda: StreamingResponse(pieces()),
        "huge-once-unpacked": lambda: packed(b"%PDF-1.7" + bytes(50 * MEGABYTE)),
        "packed": lambda: packed(PDFS["two-pages"]),
        "cut": lambda: Response(b"%PDF-1.7", headers={"Content-Length": "1000"}),
        "moved": lambda: RedirectResponse("/pdf/two-pages"),
        "circle": lambda: RedirectResponse("/answer/circle"),
        "elsewhere": lambda: RedirectResponse("http://elsewhere.invalid/call.pdf"),
        "inside": lambda: RedirectResponse("http://10.0.0.1/call.pdf"),
        "next-door": lambda: RedirectResponse(f"{next_door}/pdf/two-pages"),
    }


def create_portal(next_door: str = "") -> Starlette:
    """A portal with documents, good and bad ones. `app.state.requests` lists what it was asked."""
    requests: list[Seen] = []

    async def pdf(request: Request) -> Response:
        return Response(PDFS[request.path_params["name"]], media_type="application/octet-stream")

    async def answer(request: Request) -> Response:
        return answers(next_door)[request.path_params["name"]]()

    async def never(_: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async def robots(_: Request) -> Response:
        return PlainTextResponse(ROBOTS)

    app = Starlette(
        routes=[
            Route("/robots.txt", robots),
            Route("/pdf/{name}", pdf),
            Route("/closed/{name}", pdf),
            Route("/answer/{name}", answer),
            Route("/never", never),
        ],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


@dataclass(frozen=True)
class Fetched:
    """What was read by path, and what the portal and its neighbour were asked."""

    texts: dict[str, DocumentText]
    asked: list[Seen]
    asked_next_door: list[Seen]
    home: Path


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    """All documents at once, good and bad ones side by side."""
    paths = [f"/pdf/{name}" for name in PDFS] + [f"/answer/{name}" for name in answers("")]
    paths.append("/closed/two-pages")
    neighbour = create_portal()
    home = tmp_path_factory.mktemp("home")
    with Replica(neighbour) as next_door:
        portal = create_portal(next_door.address)
        with Replica(portal) as replica:
            settings = Settings(
                home=home, address={"test_portal": replica.address}, contact="https://example.org/contact"
            )
            texts = read_documents(linked(*paths), source(), settings, LIMITS)
    return Fetched(
        dict(zip(paths, texts, strict=True)), portal.state.requests, neighbour.state.requests, home
    )


@pytest.mark.parametrize(
    ("path", "text", "pages"),
    [
        ("/pdf/two-pages", "Made-up call\n\nWho may apply: café owners", 2),
        ("/answer/moved", "Made-up call\n\nWho may apply: café owners", 2),
        ("/answer/packed", "Made-up call\n\nWho may apply: café owners", 2),
        ("/pdf/after-a-banner", "Made-up call", 1),
        ("/pdf/anybody-may-open", "Made-up call", 1),
        ("/pdf/anybody-may-open-rc4", "Made-up call", 1),
        ("/pdf/commands", "red[31m and loud", 1),
    ],
)
def test_text_of_a_document(fetched: Fetched, path: str, text: str, pages: int) -> None:
    assert fetched.texts[path] == DocumentText(HOME + path, text, pages)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/closed/two-pages", "robots.txt forbids it"),
        ("/answer/missing", "the portal answered 404"),
        ("/answer/forbidden", "the portal answered 403"),
        ("/answer/down", "the portal answered 503"),
        ("/answer/page", "what was answered is no PDF (text/html)"),
        ("/answer/empty", "the answer was empty"),
        ("/answer/huge", "it is larger than 1 MB"),
        ("/answer/huge-in-pieces", "it is larger than 1 MB"),
        ("/answer/huge-once-unpacked", "it is larger than 1 MB"),
        ("/answer/cut", "the answer broke off"),
        ("/answer/circle", "the portal sends its readers in circles"),
        ("/answer/elsewhere", "the portal sends its readers to another host (elsewhere.invalid)"),
        ("/answer/inside", "the portal sends its readers to another host (10.0.0.1)"),
        ("/answer/next-door", "its host lies in a private network (127.0.0.1)"),
        ("/pdf/secret", "the PDF asks for a password"),
        ("/pdf/secret-rc4", "the PDF asks for a password"),
        ("/pdf/scan", "the PDF has no text: its pages are pictures"),
        ("/pdf/no-pages", "the PDF has no pages"),
        ("/pdf/broken", "the PDF is broken"),
        ("/pdf/half", "the PDF is broken"),
        ("/pdf/bomb", "the PDF unpacks to more than is allowed"),
    ],
)
def test_a_document_that_gives_no_text_says_why(fetched: Fetched, path: str, sentence: str) -> None:
    assert fetched.texts[path].fault == sentence
    assert fetched.texts[path].text == ""


def test_what_was_read_before_time_was_up_is_kept(fetched: Fetched) -> None:
    slow_one = fetched.texts["/pdf/slow"]
    assert slow_one.fault.startswith("it takes longer than 5 seconds to read; this is its text up to page ")
    assert slow_one.fault.endswith(" of 21")
    assert slow_one.text.startswith("Made-up first page")


def test_a_document_is_asked_for_as_a_page_is(fetched: Fetched) -> None:
    assert fetched.asked[0].path == "/robots.txt"
    assert {seen.user_agent.split("/")[0] for seen in fetched.asked} == {"funding-tracker"}
    assert {seen.user_agent.split(" ", 1)[1] for seen in fetched.asked} == {"(+https://example.org/contact)"}


def test_what_robots_txt_closes_and_who_lives_next_door_is_not_asked(fetched: Fetched) -> None:
    assert not any(seen.path.startswith("/closed/") for seen in fetched.asked)
    assert fetched.asked_next_door == []


def test_too_large_a_document_is_asked_for_once(fetched: Fetched) -> None:
    asked = [seen.path for seen in fetched.asked]
    assert asked.count("/answer/huge") == asked.count("/answer/huge-in-pieces") == 1
    assert asked.count("/answer/down") == 2


def test_nothing_is_kept_but_the_log(fetched: Fetched) -> None:
    assert {
        path.relative_to(fetched.home).as_posix() for path in fetched.home.rglob("*") if path.is_file()
    } == {"logs/documents.log"}


@pytest.fixture
def portal(home: Path) -> Iterator[tuple[Settings, list[Seen]]]:
    """A portal's copy, as settings that point to it, and what it was asked."""
    app = create_portal()
    with Replica(app) as replica:
        yield Settings(home=home, address={"test_portal": replica.address}), app.state.requests


def faults(texts: Sequence[DocumentText]) -> list[str]:
    return [text.fault for text in texts]


def test_what_its_source_says_of_it_may_rule_it_out(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    documents = [
        Document(title="Made-up form", address=f"{HOME}/pdf/two-pages", kind="docx"),
        Document(title="Made-up annex", address=f"{HOME}/pdf/scan", kind="PDF", size=21 * MEGABYTE),
    ]
    assert faults(read_documents(documents, source(), settings)) == [
        "only PDFs are read, and its source says that it is docx",
        "it is larger than 20 MB",
    ]
    assert asked == []


def test_a_document_that_is_linked_twice_is_fetched_once(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    texts = read_documents(linked("/pdf/two-pages", "/pdf/two-pages"), source(), settings)
    assert texts[0] == texts[1]
    assert texts[0].pages == 2
    assert [seen.path for seen in asked] == ["/robots.txt", "/pdf/two-pages"]


def test_only_some_documents_of_a_call_are_fetched(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    paths = ["/pdf/two-pages", "/pdf/after-a-banner", "/pdf/commands"]
    texts = read_documents(linked(*paths), source(), settings, Limits(documents=2))
    assert faults(texts) == ["", "", "only 2 documents of a call are fetched"]
    assert "/pdf/commands" not in [seen.path for seen in asked]


def test_long_texts_are_cut(portal: tuple[Settings, list[Seen]]) -> None:
    settings, _ = portal
    by_page = read_documents(linked("/pdf/two-pages"), source(), settings, Limits(pages=1))
    by_length = read_documents(linked("/pdf/two-pages"), source(), settings, Limits(characters=20))
    assert (by_page[0].text, by_page[0].fault) == (
        "Made-up call",
        "the PDF has more than 1 pages; this is its text up to page 1 of 2",
    )
    assert (by_length[0].text, by_length[0].fault) == (
        "Made-up call\n\nWho may ",
        "the PDF has more than 20 characters; this is its text up to page 2 of 2",
    )


def test_memory_is_limited(portal: tuple[Settings, list[Seen]]) -> None:
    settings, _ = portal
    (text,) = read_documents(linked("/pdf/slow"), source(), settings, Limits(memory=80 * MEGABYTE))
    assert text.fault.startswith(
        "the PDF unpacks to more than is allowed; this is its text up to page 1 of 21"
    )


def test_a_reader_that_stumbles_is_told(portal: tuple[Settings, list[Seen]]) -> None:
    settings, _ = portal
    (text,) = read_documents(linked("/pdf/mislabelled"), source(), settings)
    assert text.fault == f"it could not be read: {settings.home}/logs/documents.log tells why"
    assert "Traceback" in (settings.home / "logs" / "documents.log").read_text(encoding="utf-8")


def test_fetching_that_takes_too_long_is_ended(
    portal: tuple[Settings, list[Seen]], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = portal
    monkeypatch.setattr("crawler.documents.GRACE", 0)
    texts = read_documents(linked("/never"), source(), settings, Limits(seconds_to_fetch=3))
    assert faults(texts) == ["it did not come in time"]


def test_a_source_that_is_off_is_not_met_for_documents_either(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    documents = linked("/pdf/two-pages")
    off = source(enabled=False, reason="Its terms have not been read yet.")
    assert faults(read_documents(documents, off, settings)) == [
        "its source is switched off: Its terms have not been read yet."
    ]
    assert faults(read_documents(documents, None, settings)) == ["its source is not configured any more"]
    assert asked == []


def test_with_a_copy_of_the_portal_no_other_host_is_met(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    documents = linked("/call.pdf", home="https://portal.example.org") + linked(
        "/call.pdf", home="http://127.0.0.1:9"
    )
    assert set(faults(read_documents(documents, source(), settings))) == {
        "it lies outside the copy of its portal that is met here"
    }
    assert asked == []


def test_a_portal_that_is_met_itself_leads_nobody_inside(portal: tuple[Settings, list[Seen]]) -> None:
    settings, asked = portal
    here = settings.address["test_portal"]
    port = here.rsplit(":", 1)[1]
    homes = [here, f"http://localhost:{port}", f"http://2130706433:{port}", f"http://[::1]:{port}"]
    documents = [document for home in homes for document in linked("/pdf/two-pages", home=home)]
    alone = Settings(home=settings.home, address={})
    sentences = faults(read_documents(documents, source(), alone))
    assert [sentence.rsplit("(", 1)[0] for sentence in sentences] == [
        "its host lies in a private network "
    ] * 4
    assert asked == []


def test_an_address_that_is_none_is_told(home: Path) -> None:
    documents = [
        Document(title="Made-up call", address=address)
        for address in ("http://[bad/call.pdf", "http://portal.example:99999/", "http:///call.pdf")
    ]
    assert faults(read_documents(documents, source(), Settings(home=home, address={}))) == [
        "its address is none that can be met",
        "its address is none that can be met",
        "its address names no host",
    ]


def test_a_portal_whose_robots_txt_cannot_be_had_is_left_alone(home: Path) -> None:
    requests: list[Seen] = []

    async def down(_: Request) -> Response:
        return PlainTextResponse("Unavailable", 503)

    app = Starlette(routes=[Route("/{path:path}", down)], middleware=[Middleware(RequestLog, seen=requests)])
    with Replica(app) as replica:
        settings = Settings(home=home, address={"test_portal": replica.address})
        (text,) = read_documents(linked("/call.pdf"), source(), settings)
    assert text.fault == "robots.txt could not be read: the portal answered 503"
    assert {seen.path for seen in requests} == {"/robots.txt"}


def test_politeness_is_that_of_a_crawl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "crawler.settings")

    def delay(portal: Portal) -> tuple[float, bool]:
        errand = Errand(
            addresses=[],
            folder=tmp_path,
            largest=1,
            seconds=1,
            private=portal.private,
            delay=portal.delay,
        )
        settings = crawl_settings(errand)
        assert settings.getbool("ROBOTSTXT_OBEY")
        assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
        assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
        return settings.getfloat("DOWNLOAD_DELAY"), settings.getbool("AUTOTHROTTLE_ENABLED")

    itself, copy = Settings(address={}), Settings(address={"test_portal": "http://127.0.0.1:9"})
    assert delay(Portal(source(delay=0.2), itself)) == (1, True)
    assert delay(Portal(source(delay=5), itself)) == (5, True)
    assert delay(Portal(source(delay=5), copy)) == (0, False)


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[str]:
    """The address of a server that proves who it is with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "impostor.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            raise AssertionError("it was believed")

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a refused handshake is the point
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_portal_has_to_prove_who_it_is(impostor: str, home: Path) -> None:
    settings = Settings(home=home, address={"test_portal": impostor})
    (text,) = read_documents(linked("/call.pdf"), source(), settings)
    assert text.fault.startswith("robots.txt could not be read: the portal could not be reached")
