"""What may enter the store: records that are whole, and texts that every database takes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from store.records import CallRecord, DeadlineRecord, Rejected, digest

MakeRecord = Callable[..., CallRecord]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"titles": {}}, "titles"),
        ({"titles": {"en": " \n "}}, "titles.en"),
        ({"titles": {"en": "\x00\x01"}}, "titles.en"),
        ({"titles": {"english": "A title"}}, "titles.english"),
        ({"key": ""}, "source_key"),
        ({"deadlines": ()}, ""),
        ({"deadlines": (), "no_deadline": "  "}, ""),
        ({"budget_cents": -1}, "budget_cents"),
        ({"budget_cents": 10.5}, "budget_cents"),
        ({"budget_cents": "100"}, "budget_cents"),
        ({"budget_cents": True}, "budget_cents"),
        ({"grant_max_cents": 10**17}, "grant_max_cents"),
        ({"expected_grants": 0}, "expected_grants"),
        ({"currency": "euro"}, "currency"),
        ({"page": "javascript:alert(1)"}, "page"),
        ({"page": "https://example.org/a b"}, "page"),
        ({"status": "sometimes"}, "status"),
        ({"kind": "tender"}, "kind"),
        ({"opening": 20_000}, "opening"),
        ({"opening": datetime(2026, 9, 1, tzinfo=UTC)}, "opening"),
        ({"opening": date(1, 1, 1)}, "opening"),
        ({"texts": {"en": "x" * 200_001}}, "texts.en"),
        ({"color": "blue"}, "color"),
    ],
)
def test_what_is_no_call_is_refused_by_field(record: MakeRecord, fault: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        record(**fault)
    places = {".".join(str(step) for step in problem["loc"]) for problem in caught.value.errors()}
    assert any(place.startswith(field) for place in places)


@pytest.mark.parametrize(
    "deadline",
    [
        {"day": None},
        {"day": None, "prose": " \x00 "},
        {"day": datetime(2026, 9, 15, tzinfo=UTC)},
        {"day": datetime(2026, 9, 15)},  # noqa: DTZ001 - a naive instant, which is what is refused
        {"day": 20_000},
        {"day": date(9999, 12, 31)},
        {"day": date(2026, 9, 15), "at": time(17, tzinfo=UTC)},
        {"day": date(2026, 9, 15), "at": "17:00:00Z"},
        {"day": date(2026, 9, 15), "at": 17},
        {"day": date(2026, 9, 15), "zone": "Europe/Atlantis"},
        {"day": date(2026, 9, 15), "zone": "../etc/passwd"},
        {"day": date(2026, 9, 15), "zone": ""},
        {"day": date(2026, 9, 15), "stage": 0},
        {"day": "15 September"},
    ],
)
def test_odd_deadlines_are_refused(deadline: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DeadlineRecord(**deadline)


def test_call_without_a_deadline_gives_a_reason(record: MakeRecord) -> None:
    assert record(deadlines=(), no_deadline="not stated").no_deadline == "not stated"


def test_deadlines_come_in_order_of_time_and_once(record: MakeRecord) -> None:
    late, early = DeadlineRecord(day=date(2027, 1, 5)), DeadlineRecord(day=date(2026, 9, 15), at=time(17))
    morning = DeadlineRecord(day=date(2026, 9, 15), at=time(9))
    prose = DeadlineRecord(day=None, prose="until the money is spent")
    assert record(deadlines=(prose, late, early, morning, early)).deadlines == (morning, early, late, prose)


def test_control_characters_and_halves_of_pairs_never_enter(record: MakeRecord) -> None:
    made = record(
        key="TEST\x00-1",
        titles={"en": "Waste\x00 and\r\nBcc: water\x1b"},
        texts={"en": "First.\n\nSecond\ud83d part.\x00"},
        keywords=("cir\x08cular",),
        notices=["\x00doubt"],
        deadlines=[{"day": None, "prose": "open\x00 end"}],
    )
    assert made.source_key == "TEST-1"
    assert made.titles == {"en": "Waste and Bcc: water"}
    assert made.texts == {"en": "First.\n\nSecond part."}
    assert (made.keywords, made.notices) == (("circular",), ("doubt",))
    assert made.deadlines[0].prose == "open end"


def test_accents_are_composed(record: MakeRecord) -> None:
    assert record(titles={"ca": "Gestio\u0301 de l'aigua"}).titles["ca"] == "Gestió de l'aigua"


@given(st.text(st.characters()), st.text(st.characters()))
def test_rejected_rows_hold_only_what_can_be_stored(reason: str, raw: str) -> None:
    rejected = Rejected(source="test", source_key="TEST-1", reason=reason, raw=raw)
    assert "\x00" not in rejected.reason + rejected.raw
    (rejected.reason + rejected.raw).encode("utf-8")


def test_facts_do_not_depend_on_the_order_of_lists(record: MakeRecord) -> None:
    one = record(keywords=("water", "waste"), types_of_action=("A", "B"), geographical_zones=("ES", "FR"))
    other = record(
        keywords=("waste", "water", "waste"), types_of_action=("B", "A"), geographical_zones=("FR", "ES")
    )
    assert digest(one.facts()) == digest(other.facts())


def test_facts_make_the_same_record_again(record: MakeRecord) -> None:
    made = record(opening=date(2026, 5, 1), budget_cents=100, keywords=("b", "a"))
    assert CallRecord.model_validate(made.facts()).facts() == made.facts()
