"""A look at portals: their own spiders, robots.txt and delays kept, but a few requests only and nothing stored.

Runs as `python -m crawler.looking`, since Scrapy's engine runs once in a process: jobs as JSON come in, looks go out.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response, TextResponse
from scrapy.settings import Settings
from twisted.python.failure import Failure

from config.secret_files import without_secrets
from crawler.bases.rows import Row, RowSpider
from crawler.outcomes import Fault, explain
from crawler.text import plain_text
from store.records import Rejected, Status

TIMEOUT = 300
"""Seconds that a look may take; a portal that asks for longer pauses is looked at another day."""
GRACE = 30
"""Seconds beyond Scrapy's own timeout before the process is killed."""
RETRIES = 1
"""A look is no crawl: when the portal is unwell, it is asked once more and then left alone."""


class Job(BaseModel):
    """What to look at. `whole` reads the source to its end; `terms_page` is fetched after the calls.

    `arguments` are the spider's, as `-a` gives them.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    whole: bool = False
    terms_page: str | None = None
    today: date | None = None
    arguments: dict[str, str] = {}


class Look(BaseModel):
    """What a look met: the rows of calls as their parser got them, other rows as they were listed.

    `coverage` counts, of the `records`, those that state a field. `robots` and `terms` are None when nobody could say
    what they are; `terms_fault` says why.
    """

    calls: list[Row] = []
    others: list[Row] = []
    records: int = 0
    coverage: Counter[str] = Field(default_factory=Counter)
    rejected: list[str] = []
    declared: int | None = None
    faults: list[tuple[Fault, str]] = []
    robots: str | None = None
    terms: str | None = None
    terms_fault: str = ""

    @property
    def rows(self) -> int:
        return len(self.calls) + len(self.others)

    @property
    def shares(self) -> dict[str, float]:
        """The share of the records that state a field."""
        return {field: count / self.records for field, count in sorted(self.coverage.items())}


class LookError(RuntimeError):
    """The process of a look ended without one; the message says how."""


_jobs, _looks = TypeAdapter(list[Job]), TypeAdapter(list[Look])


def look(jobs: Sequence[Job], addresses: Mapping[str, str], log: Path | None = None) -> list[Look]:
    """Look at all of these at once. `addresses` are those of FUNDING_ADDRESS_…; `log` takes what Scrapy has to say.

    Raises LookError when the process dies or takes too long; a portal's fault is part of its look.
    """
    environment = {f"FUNDING_ADDRESS_{source.upper()}": address for source, address in addresses.items()}
    with log.open("wb") if log else nullcontext() as errors:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "crawler.looking"],
                input=_jobs.dump_json(list(jobs)),
                stdout=subprocess.PIPE,
                stderr=errors,
                env=without_secrets() | environment,
                timeout=TIMEOUT + GRACE,
                check=True,
            )
        except subprocess.TimeoutExpired:
            raise LookError("the look took too long and was ended") from None
        except subprocess.CalledProcessError as error:
            where = f"; see {log}" if log else ""
            raise LookError(f"the look ended with code {error.returncode}{where}") from error
    return _looks.validate_json(done.stdout)


class _Looker:
    """Listens to one crawl, and lets no more of its requests through than a look takes."""

    def __init__(self, crawler: Crawler, job: Job) -> None:
        self.crawler = crawler
        self.job = job
        self.look = Look()
        self.asked = 0
        self.terms_asked = False
        for listener, signal in (
            (self.begin, signals.spider_opened),
            (self.let_through, signals.request_scheduled),
            (self.note_robots, signals.response_received),
            (self.note_record, signals.item_scraped),
            (self.note_error, signals.spider_error),
            (self.ask_for_terms, signals.spider_idle),
            (self.end, signals.spider_closed),
        ):
            crawler.signals.connect(listener, signal=signal)

    @property
    def spider(self) -> RowSpider:
        assert isinstance(self.crawler.spider, RowSpider)
        return self.crawler.spider

    def begin(self) -> None:
        self.spider.on_row = self.note_row

    def let_through(self, request: Request) -> None:
        again = "retry_times" in request.meta or "redirect_times" in request.meta
        if self.job.whole or self.terms_asked or again:
            return
        if self.asked == self.spider.look_requests:
            raise IgnoreRequest("a look has seen enough")
        self.asked += 1

    def note_row(self, row: Row, is_call: bool) -> None:
        (self.look.calls if is_call else self.look.others).append(row)

    def note_robots(self, response: Response, request: Request) -> None:
        """The first robots.txt is the portal's; one that is not there says nothing, one that failed is not known."""
        asked = self.look.robots is None and request.meta.get("dont_obey_robotstxt")
        if asked and response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            readable = response.status < HTTPStatus.BAD_REQUEST and isinstance(response, TextResponse)
            self.look.robots = response.text if readable else ""

    def note_record(self, item: Any) -> None:
        if isinstance(item, Rejected):
            self.look.rejected.append(item.reason)
            return
        self.look.records += 1
        self.look.coverage.update(item.stated() - ({"status"} if item.status is Status.UNKNOWN else set()))

    def note_error(self, failure: Failure) -> None:
        self.spider.reading.note(Fault.UNREADABLE, f"an answer could not be read: {failure.value!r}"[:300])

    def ask_for_terms(self) -> None:
        if self.job.terms_page and not self.terms_asked:
            self.terms_asked = True
            assert self.crawler.engine is not None
            self.crawler.engine.crawl(
                Request(
                    self.job.terms_page,
                    callback=self.note_terms,
                    errback=self.note_no_terms,
                    dont_filter=True,
                )
            )

    def note_terms(self, response: Response) -> None:
        if isinstance(response, TextResponse):
            # The site around the terms has news of its own.
            self.look.terms = plain_text(response.css("main").get() or response.text)
        else:
            self.look.terms_fault = "it is no page of text"

    def note_no_terms(self, failure: Failure) -> None:
        assert failure.value is not None
        _, self.look.terms_fault = explain(failure.value)

    def end(self, reason: str) -> None:
        reading = self.spider.reading
        if reason not in ("finished", *Fault):
            reading.note(Fault.INCOMPLETE, f"the look ended early ({reason})")
        self.look.declared, self.look.faults = reading.declared, reading.faults


def main() -> None:
    jobs = _jobs.validate_json(sys.stdin.buffer.read())
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.setdict(
        {
            "ITEM_PIPELINES": {},
            "HTTPCACHE_ENABLED": False,
            "RETRY_TIMES": RETRIES,
            "CLOSESPIDER_TIMEOUT": TIMEOUT,
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(settings)
    lookers = [_Looker(process.create_crawler(job.source), job) for job in jobs]
    for looker in lookers:
        today = looker.job.today
        process.crawl(looker.crawler, today=today.isoformat() if today else None, **looker.job.arguments)
    process.start()
    if process.bootstrap_failed:
        sys.exit(1)
    sys.stdout.buffer.write(_looks.dump_json([looker.look for looker in lookers]))


if __name__ == "__main__":
    main()
