"""`Retry-After`, read."""

from datetime import UTC, datetime

import pytest
from scrapy.http import Response

from crawler.middlewares.retry import seconds_to_wait

NOW = datetime(2026, 8, 22, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("Sat, 22 Aug 2026 10:01:30 GMT", 90),
        ("Sat, 22 Aug 2026 12:01:30 +0200", 90),
        ("Sat, 22 Aug 2026 10:01:30 -0000", 90),
        ("Sat, 22 Aug 2026 09:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
        ("-5", 0),
        ("1.5", 0),
        ("²", 0),
        ("Sat, 99 Aug 2026 10:01:30 GMT", 0),
    ],
)
def test_seconds_to_wait(header: str | None, seconds: float) -> None:
    headers = {} if header is None else {"Retry-After": header.encode("latin-1")}
    assert seconds_to_wait(Response("http://127.0.0.1/", headers=headers), NOW) == seconds
