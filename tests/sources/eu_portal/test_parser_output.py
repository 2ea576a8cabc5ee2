"""What rows of the portal become, field by field, beside what is on disk.

A change that is meant: `REWRITE_EXPECTED=1 python -m pytest tests/sources/eu_portal` writes expected.json anew from
the keys in CHOSEN, and the difference goes into the review.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from crawler.parsers.eu_portal import is_stale_copy, to_record
from crawler.replicas.sample import Record, load_records
from store.records import CallRecord, Kind

EXPECTED = Path(__file__).with_name("expected.json")
CHOSEN = (
    "50129079TOPICSen",  # forthcoming
    "50138274TOPICSen",  # forthcoming, first of two stages
    "51121573TOPICSen",  # open, two stages, LIFE
    "50550637TOPICSen",  # cut-offs
    "51179821TOPICSen",  # Connecting Europe
    "49662897TOPICSen",  # no budget
    "49914907TOPICSen",  # deadline past, still open
    "51083908TOPICSen",  # prize
    "51429936TOPICSen",  # technical assistance
    "184659PROSPECTSEN",  # external action
    "11264COMPETITIVE_CALLen",  # cascade call with a parent of many
    "13361COMPETITIVE_CALLen",  # cascade call until 23:59
)


@pytest.fixture(scope="module")
def found(sample: list[Record]) -> dict[str, dict[str, Any]]:
    records = {record.source_key: record.facts() for record in map(to_record, sample)}
    chosen = {key: records[key] for key in CHOSEN}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(chosen, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return chosen


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts.get(field) for key, facts in found.items()} == {
        key: facts.get(field) for key, facts in expected.items()
    }


def test_every_row_of_the_sample_is_a_call_of_its_own(sample: list[Record]) -> None:
    records = [to_record(row) for row in sample]
    assert len({record.source_key for record in records}) == len(records)
    assert {record.notices for record in records} == {()}


def test_every_row_recorded_in_2026_is_a_call_of_its_own(shared: Path) -> None:
    rows = load_records(shared / "recordings/eu_portal/results.jsonl")
    records = [to_record(row) for row in rows]
    assert len(rows) == len({record.source_key for record in records}) == 1_091
    assert {record.notices for record in records} == {()}
    assert {record.kind for record in records} == {Kind.CALL, Kind.CASCADE, Kind.PRIZE}


def recorded(shared: Path, name: str) -> list[CallRecord]:
    """The calls of a page as the portal answered it."""
    page = json.loads((shared / "recordings/eu_portal" / name).read_text(encoding="utf-8"))
    return [to_record(row) for row in page.get("results", [page])]


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("search_page_4_open_grants.json", 4),
        ("search_page_cascade.json", 2),
        ("search_page_tenders.json", 10),
        ("search_page_two_stage_stale_index_cofund.json", 3),
        ("search_page_spanish_partial.json", 1),
        ("result_grant_api2.101.json", 1),
        ("result_stale_index_api2.154.json", 1),
    ],
)
def test_pages_as_answered_can_be_read(shared: Path, name: str, calls: int) -> None:
    assert len({record.source_key for record in recorded(shared, name)}) == calls


def test_page_as_answered_two_stages_and_budget_cut_off(shared: Path) -> None:
    two_stage, stale, cofund = recorded(shared, "search_page_two_stage_stale_index_cofund.json")
    assert [(str(deadline.day), deadline.stage) for deadline in two_stage.deadlines] == [
        ("2027-04-08", 1),
        ("2027-09-14", 2),
    ]
    assert (two_stage.budget_cents, two_stage.notices) == (None, ("budget_unreadable",))
    assert (cofund.budget_cents, cofund.grant_max_cents, cofund.expected_grants) == (
        51_251_165_00,
        None,
        None,
    )
    assert stale.budget_cents is None


def test_page_as_answered_cascade_calls_with_cut_offs(shared: Path) -> None:
    school, mobility = recorded(shared, "search_page_cascade.json")
    assert school.titles == {"en": "UPC-GREENCHIPS-EDU Scholarship"}
    assert [str(deadline.day) for deadline in mobility.deadlines] == ["2025-09-30", "2026-09-29"]
    assert (school.budget_cents, mobility.budget_cents) == (40_000_00, 4_000_000_00)


def test_page_as_answered_translation_has_the_key_of_the_english_row(shared: Path) -> None:
    (spanish,) = recorded(shared, "search_page_spanish_partial.json")
    assert (spanish.source_key, [*spanish.titles]) == ("50140738TOPICSen", ["es"])


def test_stale_copy_as_answered_is_known_as_one(shared: Path) -> None:
    folder = shared / "recordings/eu_portal"
    stale = json.loads((folder / "result_stale_index_api2.154.json").read_text(encoding="utf-8"))
    assert is_stale_copy(stale)
