"""Sentences on pages: which say that applications are taken today, and which only seem to."""

import pytest

from crawler.parsers.applications import deadlines_in_words, sentences, status_by_words


def status(text: str) -> tuple[str, list[str]]:
    notices: list[str] = []
    found, _ = status_by_words(list(sentences(text)), notices)
    return found, notices


@pytest.mark.parametrize(
    "text",
    [
        "Public bodies can apply directly.",
        "Applications can be sent at any time.",
        "Proposals are accepted until the funds are fully allocated.",
        "Until all funds are fully committed, cities may submit a request.",
        "The facility remains open, subject to funds being available.",
        "The scheme is now open to cities.",
        "It is open for new applications.",
        "Requests for support are examined continuously.",
        "Applications can be sent by e-mail. When the budget is exhausted, a note will stand here.",
        "The first call for proposals of the facility was closed on 1 March 2017. The facility remains open.",
        "The fund is a closed-end fund. Cities can apply.",
        "The scheme is not closed: applications are welcome.",
        "Applications from natural persons are not eligible. Cities can apply.",
    ],
)
def test_open(text: str) -> None:
    assert status(text) == ("open", [])


@pytest.mark.parametrize(
    "text",
    [
        "The facility is closed.",
        "The scheme is currently closed to new applications.",
        "Applications have been suspended until further notice.",
        "Until further notice, the programme is suspended.",
        "Applications can no longer be submitted.",
        "The office does not currently accept applications.",
        "The bank is not accepting new requests.",
        "All funds have been fully allocated.",
        "The budget is exhausted.",
        "No further applications will be examined.",
        "Who can apply? Cities. The facility is on hold.",
    ],
)
def test_closed(text: str) -> None:
    assert status(text) == ("closed", [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Loans for social projects.",
        "Who can apply?",
        "Applications will be possible from 2027.",
        "The first call was open until 1 March 2017.",
        "Funds are allocated in the order of arrival.",
        "The building is open at any time.",
        "Applications cannot be changed at any time.",
    ],
)
def test_unknown(text: str) -> None:
    assert status(text) == ("unknown", ["status_unknown"])


def test_page_that_says_both_is_not_believed() -> None:
    said = "Cities can apply at any time. The facility is suspended."
    assert status(said) == ("unknown", ["status_contradicts_itself"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The facility is closed. Ask again.", "The facility is closed."),
        ("Cities can apply. Applications may be sent at any time.", "Applications may be sent at any time."),
        ("Cities can apply.", ""),
    ],
)
def test_sentence_that_decides_is_kept(text: str, words: str) -> None:
    assert status_by_words(list(sentences(text)), [])[1] == words


@pytest.mark.parametrize(
    "text",
    [
        "Applications have to be sent by 30 June 2027.",
        "The next cut-off is 30 September 2026.",
        "Deadline: 2027-06-30",
        "Submit proposals before March 1st, 2027.",
    ],
)
def test_deadline_is_prose_without_a_day(text: str) -> None:
    notices: list[str] = []
    (deadline,) = deadlines_in_words(list(sentences(text)), notices)
    assert (deadline.day, deadline.prose, notices) == (None, text, ["deadline_in_prose"])


@pytest.mark.parametrize(
    "text",
    [
        "Applications can be sent at any time: there is no deadline.",
        "The contract was signed on 3 May 2024.",
        "Works have to end by 31 December 2029.",
        "The deadline of the first call was 23 December 2016.",
    ],
)
def test_no_deadline(text: str) -> None:
    notices: list[str] = []
    assert (deadlines_in_words(list(sentences(text)), notices), notices) == ((), [])
