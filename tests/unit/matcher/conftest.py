"""The organisation's profile, and made-up calls to rank for it."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import config
from config.organisation import Organisation, load_organisation
from matcher.documents import Document, clean
from matcher.excerpts import excerpts_of
from matcher.profile import Profile, to_profile
from store.records import CallRecord, DeadlineRecord, Kind, Status


@pytest.fixture(scope="session")
def organisation() -> Organisation:
    return load_organisation(Path(config.__file__).parent / "amb")


@pytest.fixture(scope="session")
def profile(organisation: Organisation) -> Profile:
    return to_profile(organisation)


@pytest.fixture(scope="session")
def document() -> Callable[..., Document]:
    """A made-up call as a document: `document("Title", "Body", conditions="…")`."""

    def make(
        title: str = "", body: str = "", conditions: str = "", applicants: Sequence[str] = (), **given: Any
    ) -> Document:
        facts: dict[str, Any] = {"call_id": 1, "identifier": "TEST-1", "type_of_action": ""} | given
        excerpts = excerpts_of({"en": conditions}, applicants, {"en": body})
        return Document(title=title, body=clean(body), excerpts=excerpts, **facts)

    return make


@pytest.fixture(scope="session")
def record() -> Callable[..., CallRecord]:
    def make(key: str, title: str, text: str = "", **facts: Any) -> CallRecord:
        given = {
            "source": "test",
            "source_key": key,
            "kind": Kind.CALL,
            "identifiers": (key,),
            "titles": {"en": title},
            "texts": {"en": text},
            "status": Status.OPEN,
            "deadlines": (DeadlineRecord(day=date(2026, 9, 15)),),
            "page": f"https://example.org/{key}",
        }
        return CallRecord(**given | facts)

    return make


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
