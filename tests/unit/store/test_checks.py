"""Checks of sources: the last one counts, and only a portal itself verifies anything."""

from datetime import UTC, datetime

from store.checks import last_checks, save_check, verified_live
from store.database import Database
from store.models import SourceCheck


def keep(database: Database, source: str, outcome: str, *, live: bool = True) -> None:
    now = datetime(2026, 8, 22, tzinfo=UTC)
    with database.writing() as session:
        check = SourceCheck(source=source, checked_at=now, live=live, outcome=outcome, findings=[])
        save_check(session, check)


def verified(database: Database) -> set[str]:
    with database.reading() as session:
        return verified_live(session)


def test_a_look_at_the_portal_verifies_and_one_at_a_replica_does_not(database: Database) -> None:
    keep(database, "eu_portal", "ok")
    keep(database, "bdns", "ok", live=False)
    keep(database, "eeas", "failed")
    assert verified(database) == {"eu_portal"}


def test_drift_unsays_it_and_a_day_off_does_not(database: Database) -> None:
    keep(database, "eu_portal", "ok")
    keep(database, "eu_portal", "failed")
    keep(database, "eu_portal", "drift", live=False)
    assert verified(database) == {"eu_portal"}
    keep(database, "eu_portal", "drift")
    assert verified(database) == set()
    keep(database, "eu_portal", "ok")
    assert verified(database) == {"eu_portal"}


def test_the_last_check_of_each_is_found_of_portals_and_of_replicas(database: Database) -> None:
    for outcome, live in (("ok", True), ("drift", True), ("failed", False)):
        keep(database, "eu_portal", outcome, live=live)
    with database.reading() as session:
        assert last_checks(session, live=True)["eu_portal"].outcome == "drift"
        assert last_checks(session, live=False)["eu_portal"].outcome == "failed"
