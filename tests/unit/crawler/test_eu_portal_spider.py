"""What the spider of the EU portal makes of single answers that no replica gives."""

import json
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, TextResponse

from crawler.outcomes import Fault
from crawler.spiders.eu_portal import EuPortal, Part
from store.records import CallRecord, Rejected


def row(number: int, **fields: Any) -> dict[str, Any]:
    metadata = {
        "type": ["1"],
        "status": ["31094502"],
        "identifier": [f"TEST-2026-{number:02}"],
        "title": [f"Made-up topic {number}"],
        "DATASOURCE": ["SEDIA"],
    }
    return {"reference": f"{number}TOPICSen", "language": "en", "metadata": metadata | fields}


def answer(rows: list[Any], total: int | None = None) -> TextResponse:
    body = json.dumps({"totalResults": len(rows) if total is None else total, "results": rows})
    request = Request("http://127.0.0.1/search", meta={"max_retry_times": 0})
    return TextResponse(request.url, body=body.encode(), request=request)


@pytest.fixture
def spider(home: Path) -> EuPortal:
    assert home.is_dir()
    return EuPortal()


def read(spider: EuPortal, *answers: TextResponse) -> list[CallRecord | Rejected]:
    """The records out of the answers to the last part's first page, asked once and once again."""
    part = Part(None)
    return [
        item
        for response in answers
        for item in spider.parse_page(response, part, 1)
        if not isinstance(item, Request)
    ]


def test_rows_that_are_no_objects_do_not_hide_the_others(spider: EuPortal) -> None:
    found = read(spider, answer([row(1), None, "a row", 7, row(2)], total=2))
    assert [item.source_key for item in found] == ["1TOPICSen", "2TOPICSen"]
    assert spider.reading.faults == [(Fault.UNREADABLE, "3 rows were no objects")]


def test_row_with_half_a_character_can_be_rejected(spider: EuPortal) -> None:
    (rejected, kept) = read(spider, answer([row(1, title=[], identifier=["\ud83d"]), row(2)]))
    assert isinstance(rejected, Rejected)
    assert isinstance(kept, CallRecord)
    assert json.loads(rejected.raw)["metadata"]["identifier"] == ["\ud83d"]


def test_stale_copy_counts_for_a_topic_that_has_no_other_row(spider: EuPortal) -> None:
    stale = [
        row(number, DATASOURCE=["SEDIA_PRD_CENTRICITY"]) | {"reference": f"{number}Stale"}
        for number in (1, 9)
    ]
    found = read(spider, answer([row(1), *stale]))
    assert [item.source_key for item in found] == ["1TOPICSen", "9Stale"]


def test_stale_copy_does_not_count_when_rows_are_missing(spider: EuPortal) -> None:
    stale = row(9, DATASOURCE=["SEDIA_PRD_CENTRICITY"]) | {"reference": "9Stale"}
    short = answer([row(1), stale], total=3)
    assert [item.source_key for item in read(spider, short, short)] == ["1TOPICSen"]
    assert spider.reading.error == Fault.INCOMPLETE
