"""Records into the store in batches, and the run's outcome at its end."""

import asyncio
import sys
from typing import Any, cast

from scrapy import signals
from scrapy.crawler import Crawler

from config.clock import clock
from config.settings import load_settings
from crawler.bases.portal import PortalSpider
from crawler.outcomes import Fault
from store.calls import quarantine, save
from store.database import Database
from store.details import details_of, note_details
from store.errors import StoreError
from store.models import CrawlRun
from store.records import CallRecord, Rejected
from store.runs import begin_run, end_run

BATCH = 100
"""Records a transaction: as many as a page has, so that a killed run keeps the pages it has read."""


class Storage:
    """Writes what a spider yields. A fault of the database ends the run; what was committed before it stays."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.batch: list[CallRecord] = []
        self.rejected: list[Rejected] = []
        self.fault: StoreError | None = None
        self.stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Storage":
        storage = cls(crawler)
        crawler.signals.connect(storage.note_error, signal=signals.spider_error)
        crawler.signals.connect(storage.end_run, signal=signals.spider_closed)
        return storage

    @property
    def spider(self) -> PortalSpider:
        return cast(PortalSpider, self.crawler.spider)

    def open_spider(self) -> None:
        spider = self.spider
        self.database = Database(load_settings().database)
        if spider.run_id is None:
            with self.database.writing() as session:
                spider.run_id = begin_run(session, spider.name, clock(spider.today)).id
        with self.database.reading() as session:
            spider.details.known = details_of(session, spider.name, spider.details.now)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Rejected):
            self.rejected.append(item)
        else:
            self.batch.append(item)
            self.spider.reading.count(item)
        if len(self.batch) + len(self.rejected) >= BATCH:
            self._write()
        return item

    def close_spider(self) -> None:
        self._write()

    def note_error(self, failure: Any) -> None:
        """A fault of the parser itself: the page's rows are lost, and the run says so."""
        self.spider.reading.note(Fault.UNREADABLE, f"an answer could not be read: {failure.value!r}"[:300])

    def end_run(self, reason: str) -> None:
        """Write the outcome; `reason` is Scrapy's word for why the spider ended."""
        reading = self.spider.reading
        if reason not in ("finished", *Fault):
            reading.note(Fault.INCOMPLETE, f"the run ended early ({reason})")
        if reading.quarantined:
            reading.note(Fault.INVALID, f"{reading.quarantined} rows did not validate and are in quarantine")
        if self.fault is None:
            try:
                with self.database.writing() as session:
                    run = session.get_one(CrawlRun, self.spider.run_id)
                    self._count(run)
                    now = clock(self.spider.today)
                    end_run(session, run, reading.outcome, reading.error, reading.detail, now)
            except StoreError as error:
                self.fault = error
        self.database.close()
        if self.fault is not None:
            print(self.fault, file=sys.stderr)  # noqa: T201  the parent process reads it: the store cannot tell

    def _write(self) -> None:
        reading, details, run_id = self.spider.reading, self.spider.details, self.spider.run_id
        if self.fault is not None or not (self.batch or self.rejected or details.passed):
            return
        now = clock(self.spider.today)
        read = details.take_stored({record.source_key for record in self.batch})
        try:
            with self.database.writing() as session:
                tally = save(session, self.batch, run_id, now)
                quarantine(session, self.rejected, run_id, now)
                note_details(session, self.spider.name, read, now)
                reading.new += tally.new
                reading.changed += tally.changed
                reading.quarantined += len(self.rejected)
                self._count(session.get_one(CrawlRun, run_id))
        except StoreError as error:
            self.fault = error
            if self.stopping is None:
                self._stop()
        self.batch.clear()
        self.rejected.clear()

    def _stop(self) -> None:
        """End the spider: reading on would fetch what cannot be kept."""
        if self.crawler.engine is not None:
            closing = self.crawler.engine.close_spider_async(reason="store")
            self.stopping = asyncio.get_running_loop().create_task(closing)

    def _count(self, run: CrawlRun) -> None:
        reading = self.spider.reading
        run.seen, run.declared = reading.seen, reading.declared
        run.new, run.changed, run.quarantined = reading.new, reading.changed, reading.quarantined
        run.records, run.coverage = reading.records, dict(reading.coverage)
