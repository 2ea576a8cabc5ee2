"""Atom feeds: permanent ids, the newest first, and nothing in a title that breaks them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html  # type: ignore[import-untyped]

from config.organisation import LANGUAGES, Language
from notifier import feeds
from notifier.feeds import write_feed
from notifier.permanent import call_tag
from notifier.plain import plain
from notifier.words import words_in
from store.database import Database
from store.models import Call
from tests.unit.notifier.builders import NOW, match, matched, organisation, record, store
from tests.unit.notifier.wild import TITLES, everything, retitled, three_calls

ATOM = {"": "http://www.w3.org/2005/Atom"}
LATER = NOW + timedelta(days=7)
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def written(database: Database, now: datetime = NOW, language: Language = "en", address: str = "") -> bytes:
    with everything(database, now) as (scope, whose):
        return write_feed(scope, words_in(language), whose, now, address)


def entries(content: bytes) -> list[ET.Element]:
    return ET.fromstring(content).findall("entry", ATOM)


def said(parent: ET.Element, name: str) -> str:
    return parent.findtext(name, "", ATOM)


def test_what_is_new_or_changed_comes_first(database: Database) -> None:
    matched(database, record("TEST-1"), record("TEST-2"))
    store(database, record("TEST-3"), now=LATER)
    match(database, ("TEST-3", 1.0))
    store(database, record("TEST-2", "2026-07-01"), now=LATER + timedelta(days=1))
    found = entries(written(database, LATER + timedelta(days=2)))
    assert [said(entry, "id") for entry in found] == [
        f"tag:example.org,2026:call/test_portal/TEST-{number}" for number in (2, 3, 1)
    ]
    assert [said(entry, "updated") for entry in found] == [
        "2026-03-10T06:00:00Z",
        "2026-03-09T06:00:00Z",
        "2026-03-02T06:00:00Z",
    ]
    assert "deadline extended from 30 June to 1 July" in said(found[0], "content")
    assert said(found[0], "published") == "2026-03-02T06:00:00Z"


def test_a_feed_has_all_that_the_standard_asks_for(database: Database) -> None:
    matched(database, record("TEST-1"))
    feed = ET.fromstring(written(database, address="https://example.org/feeds/all.atom"))
    assert feed.tag == f"{{{ATOM['']}}}feed"
    for name in ("id", "title", "updated"):
        assert said(feed, name)
    assert feed.findtext("author/name", "", ATOM)
    links = {link.get("rel"): link.get("href") for link in feed.findall("link", ATOM)}
    assert links == {"alternate": "https://example.org/", "self": "https://example.org/feeds/all.atom"}
    (entry,) = feed.findall("entry", ATOM)
    assert entry.find("link", ATOM) is not None
    assert [area.get("term") for area in entry.findall("category", ATOM)] == ["mobility"]


def test_an_empty_feed_is_a_feed(database: Database) -> None:
    feed = ET.fromstring(written(database))
    assert said(feed, "updated") == "2026-03-02T06:00:00Z"
    assert not feed.findall("entry", ATOM)


def test_what_a_rule_excludes_is_no_news(database: Database) -> None:
    matched(database, record("TEST-1"), verdict="not_open", rule="smes")
    assert entries(written(database)) == []


def test_the_same_calls_give_the_same_bytes_whatever_the_order_of_rows(
    database: Database, tmp_path: Path
) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    store(other, record("TEST-2"))
    for one in (database, other):
        store(one, record("TEST-1"), record("TEST-2"))
        match(one, ("TEST-1", 2.0), ("TEST-2", 1.0))
    assert written(database) == written(database) == written(other)
    other.close()


def test_only_the_newest_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LONGEST", 2)
    matched(database, *(record(f"TEST-{number}") for number in range(3)))
    store(database, record("TEST-2", "2026-07-01"), now=LATER)
    found = [said(entry, "id").rpartition("/")[2] for entry in entries(written(database, LATER))]
    assert found == ["TEST-2", "TEST-0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_feed_says_its_languages(database: Database, language: Language) -> None:
    matched(database, record("TEST-1"))
    feed = ET.fromstring(written(database, language=language))
    assert feed.get(LANG) == language
    assert said(feed, "id").endswith(f"/{language}")
    title = feed.find("entry/title", ATOM)
    assert title is not None
    assert title.get(LANG) == "en"
    assert words_in(language).money(12_000_000_00) in feed.findtext("entry/content", "", ATOM)


def test_words_of_a_portal_are_words_and_no_markup(database: Database) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    matched(database, record("TEST-1", titles={"en": hostile}, texts={"en": hostile}, programme=hostile))
    (entry,) = entries(written(database))
    page = html.fromstring(f"<div>{said(entry, 'content')}</div>")
    assert not page.cssselect("script, img")
    assert hostile in page.text_content()
    title = entry.find("title", ATOM)
    assert title is not None
    assert title.get("type") in (None, "text")
    assert title.text == hostile


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    yield from three_calls(tmp_path_factory.mktemp("feeds"))


@settings(max_examples=40)
@given(titles=st.lists(TITLES, min_size=3, max_size=3))
def test_no_title_breaks_it(three: Database, titles: list[str]) -> None:
    kept = retitled(three, titles)
    found = {said(entry, "id")[-1]: said(entry, "title") for entry in entries(written(three))}
    assert found == {str(number): plain(title) for number, title in enumerate(kept)}


@settings(max_examples=40)
@given(key=TITLES)
def test_an_id_is_one_address_whatever_a_source_calls_its_calls(key: str) -> None:
    one = record(key, page="https://example.org/")
    found = _tag_of(one.source_key)
    assert found.isascii()
    assert not set(found) & set(' "<>\\^`{|}\n')
    assert found != _tag_of(f"{one.source_key}/")


def _tag_of(key: str) -> str:
    known: dict[str, Any] = {"source": "test_portal", "source_key": key}
    return call_tag(organisation(), Call(**known))
