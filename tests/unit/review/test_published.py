"""Feeds and calendars: who is let in by which address, what they hold, and when nothing is sent again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from icalendar import Calendar
from sqlmodel import select

from config.schema import Officer
from notifier.calendar import subscribed_calendar
from notifier.feeds import write_feed
from notifier.scope import all_calls, calls_of_area
from notifier.signing import Purpose, token
from notifier.words import words_in
from review.app import create_app
from review.published import feed_address, router
from review.site import Role, Site, Visitor
from store.acts import perform, take_back
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Verdict
from store.models import Call, Match
from store.runs import begin_run, end_run
from tests.unit.notifier.builders import NOW, match, matched, officer, record, same, store
from tests.unit.review.entering import PAGE, Clock, site
from tests.unit.review.rows_read import read
from tests.unit.review.site import Anybody, visitor
from tests.unit.review.test_listing import some_calls
from tests.unit.store.conftest import postgresql, url  # noqa: F401 - fixtures

MOBILITY = officer("mobility", "en", minimum=0)
WATER = officer("water", "es", minimum=0)
NOBODY = Visitor(Role.NOBODY, "en", csrf="")
PATHS = (
    "/feeds/all.atom",
    "/feeds/all.ics",
    "/feeds/area/mobility.atom",
    "/feeds/area/mobility.ics",
    "/feeds/officer/mobility.atom",
    "/feeds/officer/mobility.ics",
    "/feeds/deadlines.ics",
)


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Site:
    matched(database, record("TEST-1"), record("TEST-2"))
    return site(database, tmp_path, None, MOBILITY, WATER)


def asked(here: Site, path: str, who: Visitor = NOBODY, known: str = "") -> Response:
    app = create_app(here, Anybody(who), [router])
    found: Response = TestClient(app, PAGE).get(path, headers={"If-None-Match": known} if known else {})
    return found


def program(here: Site) -> TestClient:
    """One that asks again and again."""
    return TestClient(create_app(here, Anybody(NOBODY), [router]), PAGE)


def signed(here: Site, path: str, whose: Officer = MOBILITY) -> str:
    address = feed_address(here, whose, path)
    assert address.startswith(f"{PAGE}{path}?token=")
    assert whose.email not in address
    return address


def titles(found: Response) -> list[str]:
    if found.headers["Content-Type"].startswith("text/calendar"):
        return sorted(str(event["summary"]) for event in Calendar.from_ical(found.content).events)
    return sorted(
        entry.findtext("{*}title", "") for entry in ET.fromstring(found.content).findall("{*}entry")
    )


@pytest.mark.parametrize("path", PATHS)
def test_a_signed_address_lets_in_and_nothing_else_does(here: Site, path: str) -> None:
    found = asked(here, signed(here, path))
    assert found.status_code == 200
    assert len(titles(found)) == 2
    assert found.headers["Cache-Control"] == "private, no-cache"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    for wrong in (path, f"{path}?token=", f"{path}?token=wrong", f"{signed(here, path)}x"):
        refused = asked(here, wrong)
        assert refused.status_code == 404
        assert "TEST-1" not in refused.text


@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_signed_in_needs_no_token(here: Site, path: str) -> None:
    assert len(titles(asked(here, path, visitor()))) == 2
    assert asked(here, f"{path}?token=wrong", visitor()).status_code == 404


def test_what_is_known_is_not_sent_again(here: Site, database: Database) -> None:
    for path in PATHS:
        address = signed(here, path)
        tag = asked(here, address).headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = asked(here, address, known=known)
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert asked(here, address, known='"other"').status_code == 200
    address = signed(here, "/feeds/all.atom")
    tag = asked(here, address).headers["ETag"]
    matched(database, record("TEST-3"))
    assert asked(here, address, known=tag).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_for_what_is_known_no_call_is_read(here: Site, path: str) -> None:
    asking = program(here)
    address = signed(here, path)
    with read(Call, Match) as rows:
        tag = asking.get(address).headers["ETag"]
        assert rows["Call"] >= 2
        rows.clear()
        assert asking.get(address, headers={"If-None-Match": tag}).status_code == 304
        assert asking.head(address, headers={"If-None-Match": f"W/{tag}"}).status_code == 304
        assert rows == {}
        assert asking.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_ones_tag_is_not_known(here: Site) -> None:
    """Neither that of another feed, nor that of the same one in another language or by another address."""
    asking = program(here)
    tags = {
        asking.get(signed(here, path, whose)).headers["ETag"]
        for path in ("/feeds/all.atom", "/feeds/all.ics")
        for whose in (MOBILITY, WATER)
    }
    assert len(tags) == 4
    for path in ("/feeds/all.atom", "/feeds/all.ics"):
        for whose in (MOBILITY, WATER):
            answers = [asking.get(signed(here, path, whose), headers={"If-None-Match": tag}) for tag in tags]
            assert sorted(one.status_code for one in answers) == [200, 200, 200, 304]


def new_version(here: Site) -> None:
    store(here.database, record("TEST-1", budget_cents=5_00))


def ranked_anew(here: Site) -> None:
    with here.database.writing() as session:
        for found in session.exec(select(Match)):
            found.verdict, found.matched_at = "unlikely", NOW + timedelta(hours=1)


def excluded(here: Site) -> None:
    with here.database.writing() as session:
        for found in session.exec(select(Match)):
            found.verdict, found.matched_at = "not_open", NOW + timedelta(hours=1)


def one_call(here: Site) -> None:
    same(here.database, "TEST-1", "TEST-2")


def corrected(here: Site) -> None:
    """A change that makes no version, by a crawl."""
    with here.database.writing() as session:
        run = begin_run(session, "test_portal", NOW)
        save(session, [record("TEST-1", page="https://example.org/moved")], run.id, NOW)
        end_run(session, run, "ok", "", "", NOW)


@pytest.mark.parametrize("happens", [new_version, ranked_anew, excluded, one_call, corrected])
@pytest.mark.parametrize("path", PATHS)
def test_what_has_changed_is_sent_whatever_changed(
    here: Site, path: str, happens: Callable[[Site], None]
) -> None:
    asking, address = program(here), signed(here, path)
    before = asking.get(address)
    happens(here)
    answer = asking.get(address, headers={"If-None-Match": before.headers["ETag"]})
    fresh = asked(here, address)
    assert (answer.status_code, answer.content) == (200, fresh.content)
    assert answer.content != before.content


def test_a_decision_changes_an_officers_feed(here: Site) -> None:
    asking, address = program(here), signed(here, "/feeds/officer/mobility.atom")
    tag = asking.get(address).headers["ETag"]
    with here.database.writing() as session:
        muted = session.exec(select(Call)).all()[0]
        act = DecisionRecord(verdict=Verdict.MUTED)
        perform(session, here.organisation.key, "mobility", muted, act, NOW)
    answer = asking.get(address, headers={"If-None-Match": tag})
    assert len(titles(answer)) == 1
    with here.database.writing() as session:
        muted = session.exec(select(Call)).all()[0]
        assert take_back(session, here.organisation.key, "mobility", muted, NOW)
    again = asking.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (200, tag)


@pytest.mark.parametrize("path", PATHS)
def test_a_deadline_that_passes_changes_what_is_known(database: Database, tmp_path: Path, path: str) -> None:
    matched(database, record("TEST-SOON", "2026-03-02"), record("TEST-2"))
    clock = Clock()
    soon = site(database, tmp_path, clock, MOBILITY)
    asking, address = program(soon), signed(soon, path)
    tag = asking.get(address).headers["ETag"]
    clock.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert asking.get(address, headers={"If-None-Match": tag}).status_code == 304
    clock.pass_by(microseconds=1)
    answer = asking.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert len(titles(answer)) == 1


@pytest.mark.parametrize("path", PATHS[:4])
def test_of_calls_that_are_not_shown_nothing_is_read(here: Site, path: str) -> None:
    store(here.database, *(record(f"TEST-OLD-{number}", "2026-02-01") for number in range(5)))
    match(here.database, *((f"TEST-OLD-{number}", 5.0) for number in range(5)))
    store(here.database, record("TEST-NOT-OPEN"))
    match(here.database, ("TEST-NOT-OPEN", 9.0), verdict="not_open")
    with read(Call, Match) as rows:
        assert len(titles(asked(here, signed(here, path)))) == 2
    assert rows == {"Call": 2, "Match": 2}


def test_they_hold_what_the_export_holds(url: str, tmp_path: Path) -> None:  # noqa: F811 - the fixture that is imported
    """On both engines, with calls of all states."""
    database = some_calls(Database(url), 20)
    here = site(database, tmp_path, None, MOBILITY)
    words = words_in(MOBILITY.language)
    area = next(one for one in here.organisation.areas if one.id == "water")
    with database.reading() as session:
        scopes = {
            "all": all_calls(session, here.organisation, NOW),
            "area/water": calls_of_area(session, here.organisation, area, NOW),
        }
        for name, scope in scopes.items():
            atom, ics = (signed(here, f"/feeds/{name}.{form}") for form in ("atom", "ics"))
            assert asked(here, atom).content == write_feed(scope, words, here.organisation, NOW, atom)
            title = scope.deadlines_title(words)
            calendar = subscribed_calendar(scope.items, words, here.organisation, NOW, title)
            assert asked(here, ics).content == calendar
    database.close()


def test_a_feed_names_its_own_address_and_speaks_its_holders_language(here: Site) -> None:
    address = signed(here, "/feeds/all.atom", WATER)
    feed = ET.fromstring(asked(here, address).content)
    assert [link.get("href") for link in feed.findall("{*}link") if link.get("rel") == "self"] == [address]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"


def test_the_headers_alone_can_be_asked_for(here: Site) -> None:
    app = create_app(here, Anybody(NOBODY), [router])
    found = TestClient(app, PAGE).head(signed(here, "/feeds/all.atom"))
    assert found.status_code == 200
    assert found.headers["ETag"]


def test_an_address_shows_nobody_elses_calls(here: Site) -> None:
    path = "/feeds/officer/water.atom"
    assert asked(here, signed(here, path, MOBILITY)).status_code == 404
    assert asked(here, signed(here, path, WATER)).status_code == 200
    assert asked(here, path, visitor(who="mobility")).status_code == 200  # signed in: all is shown there


@pytest.mark.parametrize(
    "now_listed", [(WATER,), (MOBILITY.model_copy(update={"email": "other@example.org"}), WATER)]
)
def test_who_is_gone_or_has_another_address_is_out(
    here: Site, database: Database, tmp_path: Path, now_listed: tuple[Officer, ...]
) -> None:
    address = signed(here, "/feeds/all.atom")
    assert asked(site(database, tmp_path, None, *now_listed), address).status_code == 404


def test_a_token_of_another_installation_or_purpose_is_none(
    here: Site, database: Database, tmp_path: Path
) -> None:
    other: dict[str, Any] = {"secret": "other" * 8}
    elsewhere = site(database, tmp_path, None, MOBILITY, **other)
    assert asked(here, signed(elsewhere, "/feeds/all.atom")).status_code == 404
    secret = here.settings.secret.get_secret_value()
    mailed = token(Purpose.UNSUBSCRIBE, here.organisation.key, MOBILITY.id, MOBILITY.email, secret)
    assert asked(here, f"/feeds/all.atom?token={mailed}").status_code == 404


def test_without_a_secret_a_session_alone_lets_in(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    here = site(database, tmp_path, None, MOBILITY, secret="", review_url="")
    assert feed_address(here, MOBILITY, "/feeds/all.atom") == "/feeds/all.atom"
    assert asked(here, "/feeds/all.atom?token=W10.x").status_code == 404
    assert asked(here, "/feeds/all.atom").status_code == 404
    assert len(titles(asked(here, "/feeds/all.atom", visitor()))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/all.pdf",
        "/feeds/area/nowhere.atom",
        "/feeds/area/..%2f..%2fall.atom",
        "/feeds/officer/nobody.ics",
        "/feeds/officer/mobility.",
        "/feeds/<script>.atom",
        "/feeds/",
    ],
)
def test_what_there_is_not_is_not_found(here: Site, path: str) -> None:
    assert asked(here, path, visitor()).status_code == 404
