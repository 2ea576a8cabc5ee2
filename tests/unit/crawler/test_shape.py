"""Shapes of rows and how they differ: what counts as stated, as lost, as new."""

from typing import Any

import pytest

from crawler.shape import Field, differences, shape_of


def texts(*rows: dict[str, Any]) -> dict[str, str]:
    return {path: str(field) for path, field in shape_of(rows).items()}


def test_fields_bear_their_types_and_the_share_of_rows_that_state_them() -> None:
    counted, spelt = {"title": "TEST", "budget": 1}, {"title": "TEST", "budget": "one"}
    assert texts(counted, spelt, {"title": "TEST"}) == {"title": "string", "budget": "number|string 0.6"}


def test_what_stands_in_objects_and_lists_has_a_path() -> None:
    row = {"deadline": {"date": "2026-08-22"}, "documents": [{"title": "a"}, {"title": "b", "size": 3.5}]}
    assert texts(row) == {
        "deadline": "object",
        "deadline.date": "date",
        "documents": "array",
        "documents[]": "object",
        "documents[].title": "string",
        "documents[].size": "number",
    }


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_field_that_states_nothing_is_known_and_has_no_type(nothing: Any) -> None:
    assert texts({"title": nothing}) == {"title": "null"}
    assert texts({"title": nothing}, {"title": False}) == {"title": "boolean 0.5"}


@pytest.mark.parametrize("text", ["null", "string", "array|date 0.3", "number 0.0"])
def test_a_field_reads_what_it_wrote(text: str) -> None:
    assert str(Field.parse(text)) == text


def changes(before: dict[str, str], rows: list[dict[str, Any]]) -> set[tuple[str, str, str, str]]:
    known = {path: Field.parse(text) for path, text in before.items()}
    found = differences(known, shape_of(rows), len(rows))
    return {(change.path, change.kind, change.before, change.after) for change in found}


def test_nothing_differs_from_itself() -> None:
    rows = [{"title": "TEST", "tags": ["a"]}, {"title": "TEST", "tags": []}]
    assert changes(texts(*rows), rows) == set()


def test_a_renamed_field_is_gone_and_new() -> None:
    assert changes({"title": "string"}, [{"name": "TEST"}]) == {
        ("title", "gone", "100%", "0 of 1"),
        ("name", "new", "", "string"),
    }


def test_a_field_that_is_empty_everywhere_is_gone() -> None:
    assert changes({"title": "string"}, [{"title": ""}]) == {("title", "gone", "100%", "0 of 1")}


def test_a_field_that_few_rows_state_may_be_missing_by_chance() -> None:
    rows = [{"title": "TEST"}] * 6
    assert changes({"title": "string", "end": "string 0.6"}, rows[:5]) == set()
    assert changes({"title": "string", "end": "string 0.6"}, rows) == {("end", "gone", "60%", "0 of 6")}
    assert changes({"title": "string", "end": "string 0.4"}, rows * 20) == set()


def test_a_field_that_every_row_stated_is_missed_in_most() -> None:
    rows: list[dict[str, Any]] = [{"title": "TEST"}, {}, {}]
    assert changes({"title": "string"}, rows) == {("title", "rarer", "100%", "1 of 3")}


def test_a_type_that_was_not_there_before_is_a_change() -> None:
    assert changes({"id": "number"}, [{"id": "1"}, {"id": 2}]) == {("id", "type", "number", "digits|number")}
    assert changes({"id": "digits|number"}, [{"id": "1"}]) == set()
    assert changes({"id": "digits"}, [{"id": 1}]) == {("id", "type", "digits", "number")}
    assert changes({"id": "null"}, [{"id": "1"}]) == set()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-08-22", "date"),
        ("2026-08-22T00:00:00.000+0000", "date"),
        ("22/08/2026", "day"),
        ("1.9.2026", "day"),
        ("-26636.40", "digits"),
        ("https://example.org/call", "address"),
        ("22 August 2026", "string"),
        ("see https://example.org", "string"),
    ],
)
def test_strings_have_forms(text: str, form: str) -> None:
    assert texts({"field": text}) == {"field": form}


def test_a_form_that_no_string_has_any_more_is_a_change_of_type() -> None:
    ends = [{"end": "30/10/2026"}, {"end": "see text"}]
    assert changes({"end": "date"}, ends) == {("end", "type", "date", "day|string")}
    assert changes({"end": "date"}, [*ends, {"end": "2026-10-30"}]) == set()
    assert changes({"end": "string"}, ends[:1]) == set()


def test_what_stands_within_a_field_that_differs_is_not_told_again() -> None:
    known = texts({"metadata": {"title": ["TEST"]}, "metadata_version": 1})
    assert changes(known, [{"metadata": "TEST", "metadata_version": 1}]) == {
        ("metadata", "type", "object", "string")
    }
