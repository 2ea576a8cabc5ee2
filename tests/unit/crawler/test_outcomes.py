"""What a run is called, from what it saw and what went wrong."""

import pytest
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.outcomes import Fault, Outcome, Reading, explain


def reading(seen: int, *faults: Fault, quarantined: int = 0, fatal: bool = False) -> Reading:
    found = Reading(seen=seen, quarantined=quarantined, fatal=fatal)
    for fault in faults:
        found.note(fault, f"it was {fault}")
    return found


@pytest.mark.parametrize(
    ("found", "outcome", "error"),
    [
        (reading(10), Outcome.OK, ""),
        (reading(0), Outcome.EMPTY, ""),
        (reading(10, Fault.INCOMPLETE), Outcome.PARTIAL, "incomplete"),
        (reading(0, Fault.UNAVAILABLE), Outcome.FAILED, "unavailable"),
        (reading(10, Fault.INVALID, quarantined=9), Outcome.PARTIAL, "invalid"),
        (reading(10, Fault.INVALID, quarantined=10), Outcome.FAILED, "invalid"),
        (reading(10, Fault.UNREADABLE, fatal=True), Outcome.FAILED, "unreadable"),
        (reading(10, Fault.INVALID, Fault.INCOMPLETE, Fault.RATE_LIMITED), Outcome.PARTIAL, "rate_limited"),
        (reading(10, Fault.INCOMPLETE, Fault.UNREADABLE, Fault.BLOCKED), Outcome.PARTIAL, "blocked"),
    ],
)
def test_outcome(found: Reading, outcome: Outcome, error: str) -> None:
    assert (found.outcome, found.error) == (outcome, error)


def test_detail_tells_each_fault_once() -> None:
    found = reading(10, Fault.UNAVAILABLE, Fault.INCOMPLETE, Fault.UNAVAILABLE)
    assert found.detail == "it was unavailable; it was incomplete"


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, Fault.BLOCKED),
        (403, Fault.BLOCKED),
        (451, Fault.BLOCKED),
        (429, Fault.RATE_LIMITED),
        (500, Fault.UNAVAILABLE),
        (503, Fault.UNAVAILABLE),
        (404, Fault.UNREADABLE),
    ],
)
def test_status_is_explained(status: int, fault: Fault) -> None:
    error = HttpError(Response("http://127.0.0.1/", status=status))
    assert explain(error) == (fault, f"the portal answered {status}")


def test_refusal_by_robots_txt_is_explained() -> None:
    fault, detail = explain(IgnoreRequest("Forbidden by robots.txt"))
    assert fault is Fault.BLOCKED
    assert "robots.txt" in detail


def test_any_other_error_is_an_absence() -> None:
    assert explain(TimeoutError()) == (Fault.UNAVAILABLE, "the portal could not be reached (TimeoutError)")
