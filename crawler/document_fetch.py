"""Fetches documents with the manners of a crawl, in a process of its own: `python -m crawler.document_fetch`.

What to fetch is read from standard input (`Errand`, JSON). Each document that came is a file in the folder, and a line
of JSON on standard output says of each what kept it from coming: empty when nothing did.
"""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from crawler.documents import Errand, too_large
from crawler.middlewares.private import AddressRefused
from crawler.outcomes import explain

HEADER = 1024
"""Bytes within which `%PDF-` stands: readers of PDFs look that far, and some servers write before it."""


class DocumentSpider(scrapy.Spider):
    """Asks for each document once and keeps its bytes as the file `folder`/number."""

    name = "documents"

    def __init__(self, errand: Errand) -> None:
        super().__init__()
        self.errand = errand

    async def start(self) -> AsyncIterator[Any]:
        for number, address in enumerate(self.errand.addresses):
            try:
                request = Request(
                    address,
                    callback=self.keep,
                    errback=self.failed,
                    cb_kwargs={"number": number},
                    dont_filter=True,
                )
            except ValueError:
                self._say(number, "its address is none that can be met")
            else:
                yield request

    def keep(self, response: Response, number: int) -> None:
        fault = _fault_of(response)
        if not fault:
            (self.errand.folder / str(number)).write_bytes(response.body)
        self._say(number, fault)

    def failed(self, failure: Failure) -> None:
        assert failure.value is not None
        number = failure.request.cb_kwargs["number"]  # type: ignore[attr-defined]  # Scrapy sets it
        self._say(number, _sentence(failure.value, self.errand.largest))

    @staticmethod
    def _say(number: int, fault: str) -> None:
        print(json.dumps({"number": number, "fault": fault}), flush=True)  # noqa: T201 - it is read by its output


def _fault_of(response: Response) -> str:
    if not response.body:
        return "the answer was empty"
    if b"%PDF-" not in response.body[:HEADER]:
        kind = (response.headers.get(b"Content-Type") or b"no type").decode("latin-1").split(";")[0]
        return f"what was answered is no PDF ({''.join(filter(str.isprintable, kind))})"
    return ""


def _sentence(error: BaseException, largest: int) -> str:
    """What kept a document from coming. One that was sent packed is only found to be too large as it is unpacked."""
    if isinstance(error, DownloadCancelledError) or "DOWNLOAD_MAXSIZE" in str(error):
        return too_large(largest)
    match error:
        case AddressRefused():
            return str(error)
        case ResponseDataLossError():
            return "the answer broke off"
        case DownloadTimeoutError():
            return "it did not come in time"
        case IgnoreRequest() if "redirections" in str(error):
            return "the portal sends its readers in circles"
    return explain(error)[1]


def crawl_settings(errand: Errand) -> Settings:
    """Those of a crawl; what differs has its reason."""
    settings = get_project_settings()
    settings.setdict(
        {
            "PRIVATE_ADDRESSES_ALLOWED": {DocumentSpider.name: errand.private},
            "DOWNLOAD_MAXSIZE": errand.largest,
            "DOWNLOAD_WARNSIZE": 0,
            # A document may lie on another host than its portal, which has its own delay.
            "DOWNLOAD_DELAY": max(settings.getfloat("DOWNLOAD_DELAY"), errand.delay) if errand.delay else 0,
            "AUTOTHROTTLE_ENABLED": errand.delay > 0,
            # Somebody waits for the answer.
            "RETRY_TIMES": 1,
            "CLOSESPIDER_TIMEOUT": errand.seconds,
            # A document is read once and not kept.
            "HTTPCACHE_ENABLED": False,
            "ITEM_PIPELINES": {},
        },
        priority="cmdline",
    )
    return settings


def main() -> None:
    errand = Errand.model_validate_json(sys.stdin.buffer.read())
    process = AsyncCrawlerProcess(crawl_settings(errand))
    process.crawl(DocumentSpider, errand=errand)
    process.start()


if __name__ == "__main__":
    main()
