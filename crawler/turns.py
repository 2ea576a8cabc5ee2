"""Turns at a host: whatever asks it, on whichever machine, the next crawl begins a pause after the last one."""

import asyncio
import math
import os
from contextlib import ExitStack

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.task import LoopingCall

from config.settings import load_settings
from crawler.bases.portal import PortalSpider
from crawler.runner import BEGUN_BY
from store.database import Database
from store.locks import exclusive

LOOK_EVERY = 1.0
"""Seconds between two looks whether the process that began the crawl is still there."""


class HostTurn:
    """Holds the host's lock for as long as this process asks it, and for a pause after its last request.

    The process that began the crawl may be killed: its next one would ask beside this one, which therefore finishes what it
    has asked for and ends.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._held = ExitStack()
        self._begun_by = int(os.environ.get(BEGUN_BY, os.getppid()))
        self._pause = 0.0
        self._look = LoopingCall(self._end_if_left_alone)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HostTurn":
        turn = cls(crawler)
        crawler.signals.connect(turn.opened, signal=signals.spider_opened)
        crawler.signals.connect(turn.answered, signal=signals.response_received)
        crawler.signals.connect(turn.closed, signal=signals.spider_closed)
        return turn

    def opened(self) -> None:
        settings, spider = load_settings(), self._crawler.spider
        if not isinstance(spider, PortalSpider) or spider.run_id is None:
            return  # no run that the store knows: a document, or a look at the portal
        database = Database(settings.database)
        self._held.callback(database.close)
        host = settings.host_of(spider.name, spider.home)
        self._held.enter_context(exclusive(settings.home, f"host-{host}", database, wait=math.inf))
        self._look.start(LOOK_EVERY)

    def answered(self, response: Response, request: Request) -> None:  # noqa: ARG002  Scrapy names them
        engine = self._crawler.engine
        slot = engine.downloader.slots.get(request.meta.get("download_slot", "")) if engine else None
        self._pause = max(self._pause, slot.delay if slot else 0.0)

    async def closed(self) -> None:
        if self._look.running:
            self._look.stop()
        await asyncio.sleep(self._pause)
        self._held.close()

    def _end_if_left_alone(self) -> None:
        engine = self._crawler.engine
        if os.getppid() != self._begun_by and engine is not None and engine.running:
            # Scrapy does not end an engine that is not running yet, and then waits for ever: it is looked at again.
            self._look.stop()
            self._ending = asyncio.ensure_future(self._crawler.stop_async())
