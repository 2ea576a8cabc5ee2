"""Serving a replica, the records that it serves, and moving them in time."""

import json
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import httpx
import pytest

from crawler.replicas.eu_portal import Faults, create_app, shift_dates
from crawler.replicas.sample import RECORDS, SAMPLE_DAY, load_records, weeks_to
from crawler.replicas.serving import Replica
from tests.sources.eu_portal.asking import BARE, portal_with, topic


def test_replica_stops_with_its_block() -> None:
    with Replica(create_app([])) as replica:
        port = int(replica.address.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), Replica(create_app([]), port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{replica.address}/robots.txt")


def test_serve_announces_its_address_and_ends_when_interrupted() -> None:
    program = (
        "from functools import partial\n"
        "from crawler.replicas.eu_portal import create_app\n"
        "from crawler.replicas.serving import serve\n"
        "serve(create_app([]), 0, partial(print, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx.get(f"{address}/robots.txt").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


# The records


def test_sample_is_served_whole() -> None:
    records = load_records(RECORDS / "eu_portal.jsonl")
    with portal_with(Faults(), records) as portal:
        pages = [portal.search(params={"pageNumber": page}) for page in (1, 2)]
    rows = [row for page in pages for row in page["results"]]
    assert len(rows) == pages[0]["totalResults"] == len(records) >= 150
    assert [row["reference"] for row in rows] == sorted(record["reference"] for record in records)


def test_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('{"reference": "1"}\n\n{"reference": \n')
    with pytest.raises(ValueError, match=r"records\.jsonl, line 3"):
        load_records(path)
    path.write_text("[]\n")
    with pytest.raises(ValueError, match=r"records\.jsonl, line 1: an object is expected"):
        load_records(path)


@pytest.mark.parametrize(
    ("today", "days"),
    [("2026-08-22", 0), ("2026-08-28", 0), ("2026-08-29", 7), ("2026-11-23", 91), ("2026-08-21", -7)],
)
def test_weeks_to_keeps_weekdays(today: str, days: int) -> None:
    assert weeks_to(date.fromisoformat(today)) == days
    assert SAMPLE_DAY.isoformat() == "2026-08-22"


def test_shift_moves_dates_and_nothing_else() -> None:
    budget = (
        '{"budgetTopicActionMap": {"CALL-2026-001": [{"action": "CALL-2026-001 - HORIZON Actions", '
        '"budgetYearMap": {"2026": "21000000"}, "plannedOpeningDate": "2026-12-28", '
        '"deadlineDates": ["2027-03-01", "2027-09-02"]}]}}'
    )
    record = topic(1, title=["Until 2026-09-15"], es_SortDate=["2026-05-05T17:00:04.000+0000"])
    record["metadata"] |= {"budgetOverview": [budget], "actions": [f"[{budget}]"]}
    before = json.dumps(record)

    (moved,) = shift_dates([record], 7)

    assert json.dumps(record) == before
    fields = moved["metadata"]
    assert fields["startDate"] == ["2026-05-12T00:00:00.000+0000"]
    assert fields["deadlineDate"] == ["2026-09-22T00:00:00.000+0000"]
    assert fields["es_SortDate"] == ["2026-05-12T17:00:04.000+0000"]
    expected = budget.replace("2026-12-28", "2027-01-04").replace("2027-03-01", "2027-03-08")
    expected = expected.replace("2027-09-02", "2027-09-09")
    assert (fields["budgetOverview"], fields["actions"]) == ([expected], [f"[{expected}]"])
    assert (fields["title"], fields["identifier"]) == (["Until 2026-09-15"], ["CALL-001"])


def test_shift_moves_the_fields_of_records_without_metadata() -> None:
    (moved,) = shift_dates([BARE | {"startDate": ["soon"]}], -7)
    assert moved["deadlineDate"] == ["2026-09-24T17:00:00.000+0000"]
    assert moved["startDate"] == ["soon"]
