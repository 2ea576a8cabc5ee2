"""A row of the EU portal's search becomes a call: a test a field, and a test a trap."""

from datetime import date, time
from typing import Any

import pytest

from crawler.parsers.eu_portal import TOPIC_PAGE, is_stale_copy, source_key, to_record, values
from store.records import LONGEST_TEXT, CallRecord, DeadlineModel, Kind, Status

TOPIC: dict[str, Any] = {
    "type": ["1"],
    "status": ["31094502"],
    "language": ["en"],
    "identifier": ["TEST-2026-CITIES-01"],
    "title": ["A made-up topic"],
    "frameworkProgramme": ["43108390"],
    "startDate": ["2026-05-05T00:00:00.000+0000"],
    "deadlineDate": ["2026-09-15T00:00:00.000+0000"],
}
EXTERNAL = TOPIC | {
    "type": ["2"],
    "identifier": ["TEST-EXTERNAL-186571"],
    "title": ["A made-up call of external action"],
    "deadlineDate": ["2026-09-15T15:00:37.000+0000"],
}
CASCADE = TOPIC | {
    "type": ["8"],
    "identifier": ["TEST-2026-PARENT-01"],
    "title": ["The parent topic"],
    "callTitle": ["A made-up cascade call"],
    "deadlineDate": ["2026-10-01T23:59:00.000+0000"],
}
BASES = {"topic": TOPIC, "external action": EXTERNAL, "cascade": CASCADE}


def row(base: dict[str, Any] = TOPIC, **fields: Any) -> dict[str, Any]:
    """A result with these fields over those of `base`; a field that is None is left out."""
    metadata = {name: value for name, value in (base | fields).items() if value is not None}
    return {
        "reference": "900000001TOPICSen",
        "language": "en",
        "url": "https://example.org/call",
        "metadata": metadata,
    }


def parsed(base: dict[str, Any] = TOPIC, **fields: Any) -> CallRecord:
    return to_record(row(base, **fields))


def instants(record: CallRecord) -> list[tuple[date | None, time | None, int | None, str]]:
    return [(deadline.day, deadline.at, deadline.stage, deadline.prose) for deadline in record.deadlines]


# Key


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("50138952TOPICSen", "50138952TOPICSen"),
        ("50138952TOPICSes", "50138952TOPICSen"),
        ("13501COMPETITIVE_CALLfr", "13501COMPETITIVE_CALLen"),
        ("186571PROSPECTSEN", "186571PROSPECTSEN"),
        ("186571PROSPECTSFR", "186571PROSPECTSEN"),
        ("45740695HORIZONInnovationActions1673308800000", "45740695HORIZONInnovationActions1673308800000"),
    ],
)
def test_key_is_the_reference_whatever_the_language(reference: str, key: str) -> None:
    assert source_key({"reference": reference, "metadata": TOPIC}) == key


def test_key_from_the_metadata_when_the_row_lacks_it() -> None:
    assert source_key({"metadata": TOPIC | {"REFERENCE": ["900000001TOPICSfr"]}}) == "900000001TOPICSen"


def test_cascade_calls_of_one_parent_have_keys_of_their_own() -> None:
    keys = {
        to_record(row(CASCADE) | {"reference": f"{number}COMPETITIVE_CALLen"}).source_key for number in (1, 2)
    }
    assert len(keys) == 2


def test_stale_copy_is_told_by_its_index() -> None:
    assert is_stale_copy(row(DATASOURCE=["SEDIA_PRD_CENTRICITY"]))
    assert not is_stale_copy(row(DATASOURCE=["SEDIA"]))
    assert not is_stale_copy(row())


# Titles, kinds, codes


@pytest.mark.parametrize(
    ("base", "title"),
    [
        (TOPIC, "A made-up topic"),
        (EXTERNAL, "A made-up call of external action"),
        (CASCADE, "A made-up cascade call"),
    ],
    ids=BASES,
)
def test_title(base: dict[str, Any], title: str) -> None:
    assert parsed(base).titles == {"en": title}


@pytest.mark.parametrize(
    ("base", "nothing"),
    [(CASCADE, None), (CASCADE, [" "]), (TOPIC | {"title": []}, []), (TOPIC | {"title": ["<br/>"]}, [])],
)
def test_title_is_the_summary_where_there_is_none(base: dict[str, Any], nothing: Any) -> None:
    record = to_record(row(base, callTitle=nothing) | {"summary": "From the summary"})
    assert record.titles == {"en": "From the summary"}


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Two\n lines\tand   spaces ", "Two lines and spaces"),
        ("<p>Cities &amp; <b>regions</b></p>", "Cities & regions"),
        ("Before <script>alert(1)</script>after", "Before after"),
        ("Europeâ€™s cities", "Europe’s cities"),
        ("Investigación clínica", "Investigación clínica"),
        ("Zero\u200bwidth\x00", "Zerowidth"),
        ("Half a character \ud83d", "Half a character"),
        (2027, "2027"),
    ],
)
def test_title_is_a_clean_line(stated: Any, title: str) -> None:
    assert parsed(title=[stated]).titles == {"en": title}


@pytest.mark.parametrize("title", [None, [], [""], [None], ["<b></b>"], [{"text": "x"}], "x" * 2_001])
def test_row_without_a_usable_title_is_no_call(title: Any) -> None:
    with pytest.raises(ValueError, match="titles"):
        parsed(title=title)


def test_title_stands_under_its_language() -> None:
    assert to_record(row() | {"language": "ES"}).titles == {"es": "A made-up topic"}
    assert to_record(row(language=["fr"]) | {"language": None}).titles == {"fr": "A made-up topic"}


@pytest.mark.parametrize(
    ("base", "types", "kind"),
    [
        (TOPIC, ["HORIZON  Innovation Actions"], Kind.CALL),
        (TOPIC, ["HORIZON Recognition Prize"], Kind.PRIZE),
        (EXTERNAL, None, Kind.CALL),
        (CASCADE, None, Kind.CASCADE),
    ],
)
def test_kind(base: dict[str, Any], types: list[str] | None, kind: Kind) -> None:
    assert parsed(base, typesOfAction=types).kind is kind


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (["31094501"], Status.FORTHCOMING),
        ([31094502], Status.OPEN),
        (["31094503"], Status.CLOSED),
        (["31094999"], Status.UNKNOWN),
        (None, Status.UNKNOWN),
    ],
)
def test_status(code: Any, status: Status) -> None:
    assert parsed(status=code).status is status


def test_programme_has_the_name_that_officers_use() -> None:
    assert (parsed().programme, parsed().programme_code) == ("Horizon Europe", "43108390")
    unknown = parsed(frameworkProgramme=["99999999"])
    assert (unknown.programme, unknown.programme_code) == ("", "99999999")


def test_types_of_action_lose_their_double_spaces() -> None:
    record = parsed(typesOfAction=["HORIZON  Research and Innovation Actions", "<br>"])
    assert record.types_of_action == ("HORIZON Research and Innovation Actions",)


@pytest.mark.parametrize(
    ("stated", "keywords"),
    [
        (["mobility", "air quality", "mobility"], ("mobility", "air quality")),
        (['["mobility", "air\\nquality", "", null, 2027]'], ("mobility", "air quality", "2027")),
        (["mobility", "TEST-2026-CITIES-01"], ("mobility",)),
        ('["broken"', ('["broken"',)),
        (["&nbsp;", "<br>"], ()),
        ("mobility", ("mobility",)),
        (None, ()),
    ],
)
def test_keywords(stated: Any, keywords: tuple[str, ...]) -> None:
    assert parsed(keywords=stated).keywords == keywords


def test_numbers_are_read_as_text_and_junk_is_not() -> None:
    assert values({"x": ["a", 7, 1.5, None, {"b": 1}, ["c"]]}, "x") == ["a", "7", "1.5"]


@pytest.mark.parametrize(
    ("base", "page"),
    [
        (
            TOPIC | {"identifier": ["TEST 2026/01"]},
            TOPIC_PAGE + "TEST%202026/01",
        ),
        (TOPIC | {"identifier": []}, "https://example.org/call"),
        (EXTERNAL, "https://example.org/call"),
        (CASCADE, "https://example.org/call"),
    ],
)
def test_page_for_people(base: dict[str, Any], page: str) -> None:
    assert parsed(base).page == page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", "https://example.org/a b"])
def test_page_that_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="page"):
        to_record(row(CASCADE) | {"url": url})


# Dates


@pytest.mark.parametrize(
    ("fields", "opening"),
    [
        ({}, date(2026, 5, 5)),
        ({"startDate": None, "actions": ['[{"plannedOpeningDate": "2026-06-01"}]']}, date(2026, 6, 1)),
        ({"startDate": ["soon"], "actions": ["{}"]}, None),
        ({"startDate": None, "actions": 7}, None),
        ({"startDate": ["0026-05-05T00:00:00.000+0000"]}, None),
    ],
)
def test_opening(fields: dict[str, Any], opening: date | None) -> None:
    assert parsed(**fields).opening == opening


@pytest.mark.parametrize(
    "stated",
    ["2026-09-15T00:00:00.000+0000", "2026-09-15T17:00:00.000+0000", "2026-09-15T23:59:59Z", "2026-09-15"],
)
def test_topics_close_at_17_in_brussels(stated: str) -> None:
    (deadline,) = parsed(deadlineDate=[stated]).deadlines
    assert (deadline.day, deadline.at, deadline.zone) == (date(2026, 9, 15), time(17), "Europe/Brussels")


@pytest.mark.parametrize(
    ("stated", "day", "at"),
    [
        ("2026-09-15T15:00:37.000+0000", date(2026, 9, 15), time(17)),
        ("2026-12-15T16:00:01.500+0000", date(2026, 12, 15), time(17)),
        ("2026-09-15T22:30:00+0000", date(2026, 9, 16), time(0, 30)),
        ("2026-09-15T22:30:00Z", date(2026, 9, 16), time(0, 30)),
    ],
    ids=["summer", "winter", "next day", "no fraction"],
)
def test_external_action_states_instants_whose_seconds_jitter(stated: str, day: date, at: time) -> None:
    assert instants(parsed(EXTERNAL, deadlineDate=[stated])) == [(day, at, None, "")]


def test_cascade_calls_state_the_time_on_the_wall() -> None:
    assert instants(parsed(CASCADE)) == [(date(2026, 10, 1), time(23, 59), None, "")]


def test_two_stages() -> None:
    record = parsed(
        deadlineModel=["two-stage"],
        deadlineDate=["2027-09-14T00:00:00.000+0000", "2027-04-08T00:00:00.000+0000"],
    )
    assert record.deadline_model is DeadlineModel.TWO_STAGE
    assert [(deadline.day, deadline.stage) for deadline in record.deadlines] == [
        (date(2027, 4, 8), 1),
        (date(2027, 9, 14), 2),
    ]


def test_cut_offs_are_no_stages() -> None:
    days = ["2026-09-15", "2027-02-14", "2027-06-01"]
    record = parsed(CASCADE, deadlineDate=[f"{day}T17:00:00.000+0000" for day in [*reversed(days), days[0]]])
    assert record.deadline_model is DeadlineModel.MULTIPLE_CUT_OFF
    assert [(str(deadline.day), deadline.stage) for deadline in record.deadlines] == [
        (day, None) for day in days
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"deadlineModel": ["single-stage"]},
        {"actions": ['[{"submissionProcedure": {"abbreviation": "single-stage"}}]']},
    ],
)
def test_model_where_it_is_stated(fields: dict[str, Any]) -> None:
    assert parsed(**fields).deadline_model is DeadlineModel.SINGLE_STAGE


def test_model_is_unknown_where_it_is_not() -> None:
    assert parsed(actions=['[{"submissionProcedure": "x"}]']).deadline_model is DeadlineModel.UNKNOWN


def test_deadlines_of_the_actions_where_the_field_is_missing() -> None:
    actions = '[{"deadlineDates": ["2026-09-15"]}, {"deadlineDates": null}]'
    (deadline,) = parsed(deadlineDate=None, actions=[actions]).deadlines
    assert (deadline.day, deadline.at) == (date(2026, 9, 15), time(17))


def test_date_in_words_is_a_date_and_keeps_its_words() -> None:
    record = parsed(CASCADE, deadlineDate=["23 November 2023"])
    assert instants(record) == [(date(2023, 11, 23), None, None, "23 November 2023")]
    assert record.notices == ()


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
@pytest.mark.parametrize(
    "prose", ["Until the funds are used up", "31 February 2026", "9999-12-31T23:59:59.000+0000"]
)
def test_deadline_in_prose_is_kept_verbatim_with_a_notice(base: dict[str, Any], prose: str) -> None:
    record = parsed(base, deadlineDate=[prose])
    assert instants(record) == [(None, None, None, prose)]
    assert record.notices == ("deadline_unreadable",)


def test_order_of_prose_is_the_same_in_every_run() -> None:
    prose = [f"cut-off {number}" for number in range(8)]
    one, other = (parsed(CASCADE, deadlineDate=stated) for stated in (prose, prose[::-1]))
    assert [deadline.prose for deadline in one.deadlines] == prose
    assert one.facts() == other.facts()


def test_no_deadline_says_so() -> None:
    record = parsed(deadlineDate=None)
    assert (record.deadlines, record.no_deadline) == ((), "not stated")


# Texts


def test_text_of_a_topic() -> None:
    record = parsed(
        descriptionByte=["<p>First.</p><p>Second&nbsp;one.</p>"], topicConditions=["<b>Who</b> may apply"]
    )
    assert record.texts == {"en": "First.\n\nSecond one."}
    assert record.conditions == {"en": "Who may apply"}


def test_texts_of_a_cascade_call_are_joined() -> None:
    record = parsed(
        CASCADE, description=["What"], furtherInformation=["<p>More</p>"], beneficiaryAdministration=["Who"]
    )
    assert (record.texts, record.conditions) == ({"en": "What\n\nMore"}, {"en": "Who"})


def test_no_text_is_no_text() -> None:
    record = parsed(descriptionByte=["<script>x</script>"])
    assert (record.texts, record.conditions) == ({}, {})


@pytest.mark.parametrize(
    "text",
    ["<p>A sentence.</p>" * 300_000, "word " * 1_000_000, "<style>" + "x" * 5_000_000 + "</style>after"],
    ids=["markup", "plain", "text behind markup"],
)
def test_text_of_5_mb_is_clipped_with_a_notice(text: str) -> None:
    record = parsed(descriptionByte=[text])
    assert len(record.texts.get("en", "")) <= LONGEST_TEXT
    assert record.notices == ("text_clipped",)


# Forms of the row


def test_row_without_metadata_has_its_fields_at_top_level() -> None:
    whole = to_record(row(CASCADE))
    envelope = {"reference": "900000001TOPICSen", "url": "https://example.org/call"}
    assert to_record(CASCADE | envelope) == whole
    assert to_record(CASCADE | {name: [value] for name, value in envelope.items()}) == whole
    assert to_record(CASCADE | envelope | {"metadata": None, "language": "en"}) == whole


def test_facts_do_not_depend_on_the_order_of_lists() -> None:
    one = parsed(keywords=["a", "b"], geographicalZones=["Egypt", "Jordan"])
    other = parsed(keywords=["b", "a"], geographicalZones=["Jordan", "Egypt"])
    assert one.facts() == other.facts()
