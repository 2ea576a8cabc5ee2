"""Conditional requests (RFC 9110, 13): a page that a portal can say is unchanged is not sent again."""

import logging
from http import HTTPStatus

from scrapy import Spider
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Request, Response

VALIDATORS = (b"ETag", b"Last-Modified")

logger = logging.getLogger(__name__)


class AlwaysAsk(RFC2616Policy):
    """The portal is asked every time, and only its own 304 lets a kept page stand for its answer.

    Scrapy's policy answers from the cache while a page counts as fresh, which a page that was last modified a year ago
    does for a month, and hides a portal's 5xx behind it.
    """

    def should_cache_request(self, request: Request) -> bool:
        return request.method == "GET" and super().should_cache_request(request)

    def should_cache_response(self, response: Response, request: Request) -> bool:
        return (
            response.status == HTTPStatus.OK
            and any(name in response.headers for name in VALIDATORS)
            and super().should_cache_response(response, request)
        )

    def is_cached_response_fresh(self, cachedresponse: Response, request: Request) -> bool:
        self._set_conditional_validators(request, cachedresponse)
        return False

    def is_cached_response_valid(
        self,
        cachedresponse: Response,  # noqa: ARG002  Scrapy passes it
        response: Response,
        request: Request,  # noqa: ARG002  Scrapy passes it
    ) -> bool:
        return response.status == HTTPStatus.NOT_MODIFIED


class ConditionalRequests(HttpCacheMiddleware):
    """Scrapy's cache without its error recovery: a portal that does not answer has not answered."""

    def process_exception(
        self,
        request: Request,
        exception: Exception,  # noqa: ARG002  Scrapy passes it
        spider: Spider | None = None,  # noqa: ARG002  so that a Scrapy which still passes it may
    ) -> None:
        request.meta.pop("cached_response", None)

    def _cache_response(self, response: Response, request: Request) -> None:
        try:
            super()._cache_response(response, request)
        except OSError as error:
            logger.warning("a page could not be kept for the next time: %s", error)
