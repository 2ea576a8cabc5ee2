"""Deadlines as people write them: what is certain becomes a day, all else stays in their words."""

from datetime import date, time

import pytest

from crawler.parsers.written_dates import certain_day, deadlines_of, labelled_lines


def read(stated: str) -> tuple[str, str, str, list[str]]:
    notices: list[str] = []
    (deadline,) = deadlines_of([stated], notices)
    return str(deadline.day), str(deadline.at), deadline.prose, notices


@pytest.mark.parametrize(
    "stated",
    [
        "16 September 2026",
        "16th September 2026",
        "16 Sep 2026",
        "16 Sept. 2026",
        "September 16, 2026",
        "Sep 16th 2026",
        "2026-09-16",
        "16.09.2026",
    ],
)
def test_day_alone_needs_no_prose(stated: str) -> None:
    assert read(stated) == ("2026-09-16", "None", "", [])


@pytest.mark.parametrize(
    ("stated", "day", "at"),
    [
        ("16 September 2026, 17:00 CEST", "2026-09-16", "17:00:00"),
        ("2021-12-28 18:00: CET", "2021-12-28", "18:00:00"),
        ("Wednesday, 16 September 2026 at 5 pm (Brussels time)", "2026-09-16", "17:00:00"),
        ("17:00 CEST on 16 September 2026", "2026-09-16", "17:00:00"),
        ("by 16 September 2026 – 23.59 CET/CEST", "2026-09-16", "23:59:00"),
        ("15 December 2026 12:00 PM Central European Time", "2026-12-15", "12:00:00"),
        ("15 December 2026, 12 a.m. CET", "2026-12-15", "00:00:00"),
        ("15.12.2026, 17h00 Brussels", "2026-12-15", "17:00:00"),
    ],
)
def test_hour_and_zone_are_read_and_kept_in_words(stated: str, day: str, at: str) -> None:
    assert read(stated) == (day, at, stated, [])


@pytest.mark.parametrize(
    ("stated", "at", "notice"),
    [
        ("16 September 2026, 17:00", "17:00:00", "deadline_zone_not_stated"),
        ("16 September 2026, 17:00 CET", "17:00:00", "deadline_zone_doubtful"),
        ("16 December 2026, 17:00 CEST", "17:00:00", "deadline_zone_doubtful"),
        ("16 September 2026, 24:00 CEST", "None", "deadline_time_unreadable"),
        ("16 September 2026, 13 pm", "None", "deadline_time_unreadable"),
    ],
)
def test_doubtful_hour_is_said(stated: str, at: str, notice: str) -> None:
    assert read(stated)[1:] == (at, stated, [notice])


@pytest.mark.parametrize(
    "stated",
    [
        "when the budget is spent",
        "05/06/2026",
        "31 February 2026",
        "16 September",
        "before 16 September 2026",
        "from 16 September 2026",
        "16 September 2026 or when the budget is spent",
        "16 September 2026 and 15 December 2026",
        "1 June 2026 16 September 2026",
        "16 September 2026, 17:00 in Lisbon",
        "16 September 2026, 12:00 EST",
        "16 September 2026, between 9:00 and 17:00",
    ],
)
def test_what_is_not_certain_stays_prose(stated: str) -> None:
    assert read(stated) == ("None", "None", stated, ["deadline_in_prose"])
    assert certain_day(stated) is None


def test_deadline_that_is_repeated_is_one() -> None:
    lines = ["16 September 2026", "2026-09-16 17:00 CEST", "16 September 2026, 17:00 CEST", "1 October 2026"]
    found = [(deadline.day, deadline.at) for deadline in deadlines_of(lines, [])]
    assert found == [(date(2026, 9, 16), time(17)), (date(2026, 10, 1), None)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Call closes: 1 June 2026", ["1 June 2026"]),
        ("CALL CLOSES : 1 June 2026 \nMore", ["1 June 2026"]),
        ("Call closes\n\n1 June 2026", ["1 June 2026"]),
        ("Call closes:\n1 June 2026", ["1 June 2026"]),
        ("Call closes 1 June 2026", ["1 June 2026"]),
        ("The call closes: 1 June 2026", ["1 June 2026"]),
        ("Call closes: 1 June 2026\nCall closes: 2 June 2026", ["1 June 2026", "2 June 2026"]),
        ("Call opens: 1 May 2026 Call closes: 1 June 2026", ["1 June 2026"]),
        ("Call closes: soon Call opens: 1 May 2026", ["soon"]),
        ("Call closes:\nCall opens: 1 May 2026", []),
        ("Before the call closes 1 June 2026 comes", []),
        ("Call closes soon", []),
        ("Call closes:", []),
        ("", []),
    ],
)
def test_what_stands_under_a_label(text: str, values: list[str]) -> None:
    assert labelled_lines(text, "call opens", "call closes")["call closes"] == values
