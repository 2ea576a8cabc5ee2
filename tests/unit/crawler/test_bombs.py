"""An answer that unpacks to far more than it is, or never ends, costs a crawl neither its memory nor its time."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from crawler.replicas.serving import Replica
from tests.unit.crawler.meeting import MET, CameBack, Outing, meet

MEGABYTE = 1024 * 1024
ZEROS = bytes(MEGABYTE)
UNPACKED = 512
"""Megabytes that each bomb unpacks to; a crawl takes 50 of them, and about 90 for itself."""
TOO_LARGE = "unreadable: an answer was larger than any page of the portal"


def by_brotli() -> bytes:
    packing = brotli.Compressor(quality=1)
    return bytes(b"".join(packing.process(ZEROS) for _ in range(UNPACKED)) + packing.finish())


def by_deflate() -> bytes:
    packing = zlib.compressobj(1)
    return b"".join(packing.compress(ZEROS) for _ in range(UNPACKED)) + packing.flush()


def packed(body: bytes, encoding: str) -> Response:
    return Response(body, media_type="text/html", headers={"Content-Encoding": encoding})


async def without_end() -> AsyncIterator[bytes]:
    for _ in range(UNPACKED):
        yield ZEROS


async def in_drops() -> AsyncIterator[bytes]:
    for _ in range(600):
        yield b" "
        await asyncio.sleep(0.1)


BOMBS: dict[str, Callable[[], Response]] = {
    "gzip": lambda: packed(gzip.compress(ZEROS) * UNPACKED, "gzip"),
    "gzip-twice": lambda: packed(gzip.compress(gzip.compress(ZEROS) * UNPACKED), "gzip, gzip"),
    "deflate": lambda: packed(by_deflate(), "deflate"),
    "brotli": lambda: packed(by_brotli(), "br"),
    "zstd": lambda: packed(zstd.compress(ZEROS) * UNPACKED, "zstd"),
    "declared": lambda: Response(bytes(51 * MEGABYTE)),
    "in-pieces": lambda: StreamingResponse(without_end()),
}
ANSWERS = BOMBS | {
    "page": lambda: packed(gzip.compress(b"<html></html>"), "gzip"),
    "drops": lambda: StreamingResponse(in_drops()),
}


def met(home: Path, *names: str, timeout: float = 60) -> CameBack:
    def answer(request: Request) -> Response:
        name = request.path_params["name"]
        return ANSWERS[name]() if name in ANSWERS else Response("", 404)

    with Replica(Starlette(routes=[Route("/{name}", answer)])) as portal:
        addresses = {f"{portal.address}/{name}": name for name in names}
        outing = Outing(
            addresses=list(addresses),
            private={"test_portal": [portal.address]},
            settings={"DOWNLOAD_TIMEOUT": timeout},
        )
        back = meet(outing, FUNDING_HOME=str(home))
    return CameBack(found={addresses[url]: words for url, words in back.found.items()}, peak=back.peak)


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> CameBack:
    return met(tmp_path_factory.mktemp("home"), "page", *BOMBS)


def test_a_page_is_read_although_it_is_packed(bombs: CameBack) -> None:
    assert bombs.found["page"] == MET


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_left_and_said(bombs: CameBack, name: str) -> None:
    assert bombs.found[name] == TOO_LARGE


def test_memory_stays_bounded(bombs: CameBack) -> None:
    assert bombs.peak < UNPACKED * MEGABYTE


def test_an_answer_that_comes_in_drops_is_left_when_its_time_is_up(tmp_path: Path) -> None:
    assert met(tmp_path, "drops", timeout=1).found == {
        "drops": "unavailable: the portal did not answer in time"
    }
