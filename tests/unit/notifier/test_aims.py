"""What a call is after, past its standard opening."""

import pytest

from notifier.aims import aims


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Expected Outcome: Project results are expected to contribute to the following outcomes:Clean air;Calm.",
            "Clean air; Calm.",
        ),
        (
            "Expected Outcome\nProjects are expected to contribute to the following outcomes:\n- Clean air\nScope\nMore",
            "Clean air; More",
        ),
        (
            "Expected Impact:Applicants are expected to explain the impact.Objective:The aim is a clean river.",
            "The aim is a clean river.",
        ),
        (
            "Expected Impact:Rely on this.Grants — 95%Objective:A clean river.",
            "A clean river.",
        ),
        ("ObjectivesThis made-up pilot plants trees.", "This made-up pilot plants trees."),
        ("1. BackgroundThe made-up prize is for trees.", "The made-up prize is for trees."),
        ("The aim is a clean river. Scope: Rivers of cities.", "The aim is a clean river. Rivers of cities."),
        ("Proposals should present the concrete results of all. Trams run on time.", "Trams run on time."),
        (
            "Cleaner water[1], e.g. in rivers. A second one. A third one.",
            "Cleaner water, e.g. in rivers. A second one.",
        ),
        (
            "Projects are expected to deliver on all following outcomes: Faster made-up operationsIncreased use of heat",
            "Faster made-up operations; Increased use of heat",
        ),
        ("Members of MedCities and of eHealth take part.", "Members of MedCities and of eHealth take part."),
        ("", ""),
    ],
)
def test_the_standard_opening_is_skipped(text: str, said: str) -> None:
    assert aims(text) == said


def test_long_sentences_are_cut_at_a_word() -> None:
    said = aims("word " * 200)
    assert len(said) <= 280
    assert said.endswith("word…")


def test_a_long_word_is_cut_too() -> None:
    assert len(aims("x" * 1_000)) <= 280
