"""portfolio.toml rewritten: what does not change stays to the byte, and what is written reads back."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.errors import ConfigurationError
from config.portfolio import Entry, read_entries, revise
from config.schema import Project

AMB = (Path(config.__file__).parent / "amb" / "portfolio.toml").read_bytes().decode("utf-8")
SMALL = '''\
# A head that says what the file is.

# --- Projects ---

# Of the first one.
[[project]]  # [V] read on its page
id = "first"
name.ca = "Primer"
name.es = "Primero"
name.en = "First"
name.fr = "Premier"
kind = "competitive"
start = "2021"  # [GK]
budget_eur = 1000  # the page says "about"
areas = ["energy"]
summary = "Solar roofs."
partners = [  # and others
    "Lyon",
]
# Read on example.org.

# --- Standing programmes ---

[[project]]  # [V-part]
id = "second"
name = "Second"
kind = "standing"
areas = ["energy", "mobility"]
summary = """\\
A plan that \\
goes on."""
'''


def entry(text: str, key: str, mark: str | None = None, **fields: Any) -> Entry:
    found = next(one for one in read_entries(text) if one.project.id == key)
    project = Project.model_validate(found.project.model_dump() | fields)
    return Entry(project, found.mark if mark is None else mark)


def new(key: str = "third", mark: str = "", **fields: Any) -> Entry:
    known = {
        "id": key,
        "name": "Third",
        "kind": "standing",
        "areas": ["water"],
        "summary": "Reclaimed water.",
    }
    return Entry(Project.model_validate(known | fields), mark)


def lines_that_differ(before: str, after: str) -> tuple[list[str], list[str]]:
    old, anew = before.splitlines(), after.splitlines()
    return [line for line in old if line not in anew], [line for line in anew if line not in old]


@pytest.mark.parametrize("text", [AMB, SMALL, SMALL.replace("\n", "\r\n"), "", "# nothing yet\n"])
def test_the_same_entries_change_not_a_byte(text: str) -> None:
    entries = read_entries(text)
    assert revise(text, entries).text == text
    assert revise(text, entries[::-1], remove_missing=True).text == text


def test_marks_are_what_stands_in_brackets_beside_an_entry() -> None:
    assert [one.mark for one in read_entries(SMALL)] == ["V", "V-part"]
    marks = {one.project.id: one.mark for one in read_entries(AMB)}
    assert marks["amss_sdg_governance"] == "V; programme line GK"


def test_a_change_touches_its_line_and_keeps_the_comment_beside_it() -> None:
    revision = revise(SMALL, [entry(SMALL, "first", start="2021-05", budget_eur=1200.5)])
    assert lines_that_differ(SMALL, revision.text) == (
        ['start = "2021"  # [GK]', 'budget_eur = 1000  # the page says "about"'],
        ['start = "2021-05"  # [GK]', 'budget_eur = 1200.50  # the page says "about"'],
    )
    assert dict(revision.changed) == {"first": ("start", "budget_eur")}
    assert revision.remarks == ("first.start: [GK]", 'first.budget_eur: the page says "about"')
    assert revision.missing == ("second",)


def test_a_list_keeps_the_comment_that_opens_it() -> None:
    revision = revise(SMALL, [entry(SMALL, "first", partners=["Lyon", "Porto"])])
    assert lines_that_differ(SMALL, revision.text) == ([], ['    "Porto",'])
    assert revision.remarks == ("first.partners: and others",)


def test_a_value_that_is_emptied_goes_and_one_that_is_new_comes() -> None:
    text = revise(SMALL, [entry(SMALL, "first", start="", end="2027", grant_eur=0)]).text
    found = read_entries(text)[0].project
    assert (found.start, found.end, found.grant_eur) == ("", "2027", 0)
    assert "start" not in tomllib.loads(text)["project"][0]


def test_names_become_one_or_four() -> None:
    four = {"ca": "Segon", "es": "Segundo", "en": "Second", "fr": "Deuxième"}
    text = revise(SMALL, [entry(SMALL, "first", name="First"), entry(SMALL, "second", name=four)]).text
    first, second = tomllib.loads(text)["project"]
    assert (first["name"], second["name"]) == ("First", four)
    other = four | {"fr": "Le deuxième"}
    assert (
        tomllib.loads(revise(text, [entry(text, "second", name=other)]).text)["project"][1]["name"] == other
    )


def test_a_mark_changes_and_the_rest_of_its_comment_stays() -> None:
    said = [revise(SMALL, [entry(SMALL, "first", mark)]).text for mark in ("V-part; dates GK", "")]
    assert "[[project]]  # [V-part; dates GK] read on its page\n" in said[0]
    assert "[[project]]  # read on its page\n" in said[1]
    assert read_entries(said[1])[0].mark == ""


def test_a_new_entry_stands_behind_the_last_of_its_kind() -> None:
    text = revise(SMALL, [new(), new("fourth", "GK", kind="competitive"), new("fifth", kind="award")]).text
    assert [one.project.id for one in read_entries(text)] == ["first", "fourth", "second", "third", "fifth"]
    assert (
        "# Read on example.org.\n\n[[project]]  # [GK]\n"
        'id = "fourth"\nname = "Third"\nkind = "competitive"\n'
        'areas = ["water"]\nsummary = "Reclaimed water."\n\n# --- Standing programmes ---\n'
    ) in text
    assert text.endswith('summary = "Reclaimed water."\n')


def test_a_portfolio_may_begin_with_nothing() -> None:
    assert read_entries(revise("", [new()]).text) == [new()]
    assert revise("# A head.\n", [new(), new("fourth")]).text.startswith("# A head.\n\n[[project]]\n")


def test_what_is_taken_out_goes_with_its_own_comments_alone() -> None:
    revision = revise(SMALL, [entry(SMALL, "second")], remove_missing=True)
    assert revision.removed == ("first",)
    assert "Of the first one" not in revision.text
    assert "Read on example.org" not in revision.text
    assert revision.text.startswith("# A head that says what the file is.\n\n# --- Projects ---\n")
    last = revise(SMALL, [entry(SMALL, "first")], remove_missing=True).text
    assert last.endswith("# Read on example.org.\n\n# --- Standing programmes ---\n")
    assert "second" not in last


def test_what_was_added_can_be_taken_out_again() -> None:
    entries = read_entries(AMB)
    copies = [Entry(one.project.model_copy(update={"id": f"{one.project.id}_copy"})) for one in entries]
    text = revise(AMB, copies).text
    assert len(read_entries(text)) == 2 * len(entries)
    assert revise(text, entries, remove_missing=True).text == AMB


def test_windows_line_ends_stay() -> None:
    text = revise(SMALL.replace("\n", "\r\n"), [new()]).text
    assert text.count("\n") == text.count("\r\n") > SMALL.count("\n")


def test_a_file_that_is_written_otherwise_is_left_alone() -> None:
    inline = 'project = [{ id = "a", name = "A", kind = "award", areas = ["x"], summary = "" }]\n'
    with pytest.raises(ConfigurationError, match="not all tables of their own"):
        revise(inline, [new()])
    with pytest.raises(ConfigurationError, match="not all tables of their own"):
        read_entries(SMALL.replace("A plan that", "[[project]]\nA plan that"))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LINES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], include_characters=" \"'\\#[]"), max_size=200
)


@given(LINES, LINES, st.lists(TEXTS, max_size=4), st.floats(0, 1e12).map(lambda euros: round(euros, 2)))
def test_whatever_is_written_reads_back(summary: str, role: str, partners: list[str], euros: float) -> None:
    facts: dict[str, Any] = {"summary": " ".join(summary.split()), "role": " ".join(role.split())}
    facts |= {"partners": partners, "budget_eur": euros}
    wanted = [entry(SMALL, "first", **facts), new(**facts)]
    text = revise(SMALL, wanted).text
    assert {one.project.id: one for one in read_entries(text)} | {} == {
        one.project.id: one for one in [*wanted, entry(SMALL, "second")]
    }
