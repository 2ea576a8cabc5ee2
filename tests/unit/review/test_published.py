"""Feeds and calendars: who is let in by which address, what they hold, and when nothing is sent again."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from icalendar import Calendar

from config.schema import Officer
from notifier.signing import Purpose, token
from review.app import create_app
from review.published import feed_address, router
from review.site import Role, Site, Visitor
from store.database import Database
from tests.unit.notifier.builders import matched, officer, record
from tests.unit.review.entering import PAGE, site
from tests.unit.review.site import Anybody, visitor

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
