"""robots.txt as RFC 9309 has it: a server error is a "no", and a crawl delay is kept."""

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request, Response, TextResponse
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.defer import Deferred

from crawler.middlewares.private import AddressRefused

if TYPE_CHECKING:
    from protego import Protego

NOTHING = b"User-agent: *\nDisallow: /\n"


class RobotsUnreadable(IgnoreRequest):
    """Nobody said no: the portal was too unwell to say anything."""


class FailClosedRobotsTxt(RobotsTxtMiddleware):
    """Scrapy's own middleware reads a robots.txt that cannot be had as "all is allowed"; this one does not.

    RFC 9309, 2.3.1: 4xx means that there are no rules; 5xx or no answer means that all is disallowed.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._faults: dict[str, IgnoreRequest] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if fault := self._faults.get(urlparse_cached(request).netloc):
            raise fault.with_traceback(None)
        super().process_request_2(rp, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._faults[netloc] = _unreadable(f"the portal answered {response.status}")
            response = response.replace(body=NOTHING)
        elif response.status >= HTTPStatus.BAD_REQUEST or not isinstance(response, TextResponse):
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)
        self._keep_crawl_delay(netloc)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting = self._parsers[netloc]
        assert isinstance(waiting, Deferred)
        # What is not to be met at all has no rules that could not be read.
        self._faults[netloc] = (
            exc
            if isinstance(exc, AddressRefused)
            else _unreadable(f"the portal could not be reached ({type(exc).__name__})")
        )
        refusal = self._parserimpl.from_crawler(self.crawler, NOTHING)
        self._parsers[netloc] = refusal
        self.crawler.stats.inc_value(f"robotstxt/exception_count/{type(exc).__name__}")
        waiting.callback(refusal)

    def _keep_crawl_delay(self, netloc: str) -> None:
        """Make the delay that robots.txt asks for the least one of its host, for slots there are and slots to come."""
        rules: Protego | None = getattr(self._parsers[netloc], "rp", None)
        asked = rules.crawl_delay(self._robotstxt_useragent or "*") if rules else None
        if not asked or self.crawler.engine is None:
            return
        delay = max(float(asked), self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        host, downloader = urlsplit(f"//{netloc}").hostname or "", self.crawler.engine.downloader
        downloader.per_slot_settings[host] = {"delay": delay}
        if slot := downloader.slots.get(host):
            slot.delay = max(slot.delay, delay)
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay = max(throttle.mindelay, delay)
            throttle.maxdelay = max(throttle.maxdelay, delay)


def _unreadable(why: str) -> RobotsUnreadable:
    return RobotsUnreadable(f"robots.txt could not be read: {why}")
