"""Retries that wait for as long as the portal asks (`Retry-After`, RFC 9110)."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Request, Response


class PatientRetry(RetryMiddleware):
    """Before a retry waits out `Retry-After`, at most RETRY_AFTER_LONGEST seconds; asked for more, it gives up."""

    async def process_response(  # type: ignore[override]  # Scrapy awaits it
        self, request: Request, response: Response
    ) -> Request | Response:
        asked = seconds_to_wait(response, datetime.now(UTC))
        if asked > self.crawler.settings.getint("RETRY_AFTER_LONGEST"):
            return response
        result = super().process_response(request, response)
        if result is not response and asked:
            await asyncio.sleep(asked)
        return result


def seconds_to_wait(response: Response, now: datetime) -> float:
    """What `Retry-After` asks for, in seconds from `now` (aware); 0 without it or when it cannot be read."""
    header = response.headers.get(b"Retry-After")
    if header is None:
        return 0.0
    value = header.decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:  # `-0000`: UTC, the place unknown
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
