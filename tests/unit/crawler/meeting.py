"""Meets addresses with the settings of a crawl, in a process of its own: `python -m tests.unit.crawler.meeting`.

Standard input gives an `Outing`; standard output is what came of it, `CameBack`.
"""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from pydantic import BaseModel
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request, Response
from scrapy.utils.project import get_project_settings
from twisted.python.failure import Failure

from crawler.outcomes import explain
from tests.memory import peak

MET = "met"
MEGABYTE = 1024**2


class Outing(BaseModel):
    """`names` are the answers of DNS, one after the other and the last for ever; what is not in it is not found."""

    addresses: list[str]
    private: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    settings: dict[str, Any] = {}


class CameBack(BaseModel):
    """By address: `met`, or the fault and its sentence. `peak` are the bytes of memory that it took in all."""

    found: dict[str, str]
    peak: int


def meet(outing: Outing, **environment: str) -> CameBack:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.crawler.meeting"],
        cwd=Path(__file__).parents[3],
        input=outing.model_dump_json().encode(),
        stdout=subprocess.PIPE,
        env=os.environ | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"} | environment,
        timeout=120,
        check=True,
    )
    return CameBack.model_validate_json(done.stdout)


class Meeting(scrapy.Spider):
    name = "test_portal"

    def __init__(self, addresses: list[str], found: dict[str, str]) -> None:
        super().__init__()
        self.addresses, self.found = addresses, found

    async def start(self) -> AsyncIterator[Any]:
        for address in self.addresses:
            yield Request(
                address, self.met, errback=self.failed, cb_kwargs={"address": address}, dont_filter=True
            )

    def met(self, _: Response, address: str) -> None:
        self.found[address] = MET

    def failed(self, failure: Failure) -> None:
        assert failure.value is not None
        address = failure.request.cb_kwargs["address"]  # type: ignore[attr-defined]  # Scrapy sets it
        self.found[address] = ": ".join(explain(failure.value))


def main() -> None:
    outing = Outing.model_validate_json(sys.stdin.buffer.read())

    def look_up(name: str) -> str:
        if answers := outing.names.get(name):
            return answers.pop(0) if len(answers) > 1 else answers[0]
        found = socket.getaddrinfo(name, None, family=socket.AF_INET, flags=socket.AI_NUMERICHOST)
        return str(found[0][4][0])

    socket.gethostbyname = look_up
    settings = get_project_settings()
    settings.setdict(
        {
            "PRIVATE_ADDRESSES_ALLOWED": outing.private,
            "ITEM_PIPELINES": {},
            "HTTPCACHE_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "RETRY_TIMES": 0,
            "CLOSESPIDER_TIMEOUT": 60,
        }
        | outing.settings,
        priority="cmdline",
    )
    found: dict[str, str] = {}
    process = AsyncCrawlerProcess(settings)
    process.crawl(Meeting, addresses=outing.addresses, found=found)
    process.start()
    sys.stdout.write(CameBack(found=found, peak=round(peak() * MEGABYTE)).model_dump_json())


if __name__ == "__main__":
    main()
