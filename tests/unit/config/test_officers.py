"""officers.toml rewritten: an entry comes or goes, and what is around it stays to the byte."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.errors import ConfigurationError
from config.officers import add_officer, find_officer, new_officer, remove_officer
from config.schema import Officer
from tests.unit.notifier.builders import officer, organisation

AMB = (Path(config.__file__).parent / "amb" / "officers.toml").read_bytes().decode("utf-8")
SMALL = """\
# Who gets a digest.

# TEST-person of the first one, first@example.org
[[officer]]  # since spring
id = "first"
name.ca = "Primer"
name.es = "Primero"
name.en = "First"
name.fr = "Premier"
email = "first@example.org"
language = "ca"
# Wants no prizes.

# --- Others ---

[[officer]]
id = "second"
name = "Second"
email = "second@example.org"  # shared
language = "fr"
"""
WAYS = [AMB, SMALL, SMALL.replace("\n", "\r\n"), SMALL.rstrip(), "", "# nobody yet", "\n\n"]


def ids(text: str) -> list[str]:
    return [entry["id"] for entry in tomllib.loads(text).get("officer", [])]


@pytest.mark.parametrize("text", WAYS)
def test_a_new_entry_stands_at_the_end_and_leaves_the_others_alone(text: str) -> None:
    added = add_officer(text, officer("third", name="Third", areas=["mobility"], minimum=90))
    assert added.startswith(text)
    assert ids(added) == [*ids(text), "third"]
    assert tomllib.loads(added)["officer"][-1] == {
        "id": "third",
        "name": "Third",
        "email": "third@example.org",
        "language": "ca",
        "areas": ["mobility"],
        "minimum": 90.0,
    }
    assert ("\n" in added.replace("\r\n", "")) != ("\r\n" in text)


@pytest.mark.parametrize("text", WAYS)
def test_what_was_added_goes_again_without_a_trace(text: str) -> None:
    removal = remove_officer(add_officer(text, officer("third")), "third", "third@example.org")
    assert removal.text.rstrip() == text.rstrip()
    assert removal.mentions == ()


@given(
    name=st.text(st.characters(codec="utf-8"), min_size=1),
    geography=st.lists(st.sampled_from(["europe", "asia"])),
    horizon=st.integers(1, 730),
    minimum=st.floats(0, 100),
)
def test_whatever_an_officer_is_called_reads_back(name: str, **facts: Any) -> None:
    wanted = officer("third", name=name, **facts)
    assert Officer.model_validate(tomllib.loads(add_officer(SMALL, wanted))["officer"][-1]) == wanted


def test_names_in_four_languages_read_back() -> None:
    wanted = officer("third")
    assert len(set(wanted.name.model_dump().values())) == 4
    assert Officer.model_validate(tomllib.loads(add_officer(SMALL, wanted))["officer"][-1]) == wanted


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_entry_goes_with_the_comments_that_adjoin_it(newline: str) -> None:
    text = SMALL.replace("\n", newline)
    first, others = text.index("# TEST-person"), text.index("# --- Others")
    assert remove_officer(text, "first").text == text[:first] + text[others:]
    last = text.rindex(f"{newline}[[officer]]")
    assert remove_officer(text, "second").text == text[:last]


def test_a_comment_between_two_entries_without_an_empty_line_is_the_second_ones() -> None:
    text = SMALL.replace("\n\n# --- Others ---\n\n", "\n# Of the second.\n")
    assert "# Of the second.\n[[officer]]" in remove_officer(text, "first").text
    assert "Of the second" not in remove_officer(text, "second").text


def test_tables_below_an_entry_go_with_it() -> None:
    table = '[officer.name]\nca = "A"\nes = "A"\nen = "A"\nfr = "A"\n'
    text = SMALL + f'\n[[officer]]\nid = "third"\nemail = "a@example.org"\nlanguage = "ca"\n{table}'
    assert remove_officer(text, "third").text == SMALL


def test_lines_that_still_speak_of_somebody_are_named() -> None:
    text = SMALL.replace("# shared", "# shared with First@example.org") + "# first has left\n# firsthand\n"
    assert remove_officer(text, "first", "first@example.org").mentions == (8, 10)


def test_nobody_is_removed_twice() -> None:
    assert remove_officer(SMALL, "third").text == SMALL


@pytest.mark.parametrize(
    "text",
    [
        'officer = [{id = "first"}]\n',
        '[["officer"]]\nid = "first"\n',
        '[[officer]]\nid = "first"\nname = """\n[[officer]]\n"""\n',
    ],
)
def test_what_cannot_be_taken_apart_is_left_alone(text: str) -> None:
    with pytest.raises(ConfigurationError, match="change it by hand"):
        remove_officer(text, "first")


def test_a_list_on_one_line_takes_no_entry() -> None:
    with pytest.raises(ConfigurationError, match="change it by hand"):
        add_officer("officer = []\n", officer("third"))


def test_an_id_is_used_once() -> None:
    with pytest.raises(ConfigurationError, match="every id is used once"):
        add_officer(SMALL, officer("second"))


FACTS = {"id": "third", "name": "Third", "email": "third@example.org", "language": "ca"}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"id": "Oficina Tècnica"}, "id: an id is made of a to z, digits and _, and begins with a letter"),
        ({"id": "../third"}, "id: an id is made of a to z, digits and _, and begins with a letter"),
        ({"id": "third\n"}, "id: an id is made of a to z, digits and _, and begins with a letter"),
        ({"email": "third at example.org"}, "email: this is no address, such as name@example.org"),
        ({"email": "Third <third@example.org>"}, "email: this is no address, such as name@example.org"),
        ({"language": "de"}, "language: Input should be 'ca', 'es', 'en' or 'fr'"),
        ({"areas": ["Mobility"]}, "areas: `Mobility` is unknown; expected one of: mobility, water"),
        ({"lines": ["lin"]}, "lines: `lin` is unknown; expected one of: line"),
        (
            {"kinds": ["grant"]},
            "kinds: `grant` is unknown; expected one of: advance_notice, call, cascade, prize, scheme",
        ),
        ({"minimum": 101}, "minimum: Input should be less than or equal to 100"),
        (
            {"name": "\udcff"},
            "name: Input should be a valid string, unable to parse raw data as a unicode string",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(facts: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        new_officer(organisation(), FACTS | facts)
    assert str(raised.value) == said


def test_a_new_officer_is_as_the_schema_has_it() -> None:
    facts = FACTS | {
        "areas": ["water"],
        "lines": ["line"],
        "kinds": ["prize"],
        "email": "a@bücher.example.org",
    }
    assert new_officer(organisation(), facts) == Officer.model_validate(facts)


def test_who_is_nobody_is_told_who_there_is() -> None:
    with pytest.raises(ConfigurationError, match="`second` is no officer; there are: first"):
        find_officer(organisation(officer("first")), "second")
