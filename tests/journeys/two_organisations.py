"""Two made-up organisations in one database, each with rows in every table that is an organisation's.

They have the same calls and an officer of the same id, and each has a word of its own in all that it says.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlmodel import Session, SQLModel
from sqlmodel import select as select_rows

from config.new_organisation import NewOrganisation, files_of
from store.access import Access, token_hash
from store.calls import save
from store.database import Database
from store.models import (
    AccessToken,
    Assignment,
    AuditEvent,
    Call,
    CallNote,
    CallReading,
    Decision,
    Delivery,
    DeliveryItem,
    JobRun,
    LearntModel,
    MailStop,
    Match,
    SavedFilter,
    Stage,
)
from store.records import CallRecord, DeadlineRecord
from tests.conftest import AMB
from tests.isolation import owned_tables

NOW = datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=5)
BOTH, ALONE = "both", "alone"
"""The id of an officer that each organisation has, and of one who gets no mail."""
ONE, OTHER = "zzone", "zzother"
"""The word in all that the organisation `one`, or `other`, says."""
CALLS = ("TEST-1", "TEST-2", "TEST-3")


def write_configuration(folder: Path) -> None:
    """`one` and `other` beside AMB, from which they inherit."""
    shutil.copytree(AMB, folder / "amb")
    for key, word in (("one", ONE), ("other", OTHER)):
        (folder / key).mkdir()
        for name, text in files_of(NewOrganisation(key, "amb", f"TEST {word}", "ES", ("ES511",))).items():
            (folder / key / name).write_text(filled_in(text, word), encoding="utf-8")
        (folder / key / "portfolio.toml").write_text(_project(word), encoding="utf-8")
        officers = "\n".join(_officer(who, word) for who in (BOTH, ALONE))
        (folder / key / "officers.toml").write_text(officers, encoding="utf-8")


def filled_in(text: str, word: str) -> str:
    for key, value in (("website", f"https://{word}.example.org/"), ("language", "en"), ("short_name", word)):
        text = text.replace(f'{key} = ""', f'{key} = "{value}"')
    for number in ("municipalities", "population"):
        text = text.replace(f"{number} = 0", f"{number} = 1")
    return text.replace('= ""', f'= "{word}"')


def _project(word: str) -> str:
    return (
        f'[[project]]\nid = "{word}_project"\nname = "{word}"\nkind = "standing"\nareas = ["mobility"]\n'
        f'summary = "{word}: logistics of cities."\n'
    )


def _officer(who: str, word: str) -> str:
    return (
        f'[[officer]]\nid = "{who}"\nname = "{word} {who}"\nemail = "{who}@{word}.example.org"\nlanguage = "en"\n'
        "minimum = 0\n"
    )


def fill(database: Database) -> None:
    """Calls, and rows of both organisations."""
    with database.writing() as session:
        save(session, [_call(key) for key in CALLS], None, EARLIER)
        calls = list(select_rows_of(session))
        for organisation, word in (("one", ONE), ("other", OTHER)):
            for call in calls:
                session.add_all(_on_call(organisation, word, call))
            session.add_all(_beside(organisation, word))
            delivery = _delivery(organisation, word)
            session.add(delivery)
            session.flush()
            assert delivery.id is not None
            session.add(
                DeliveryItem(delivery_id=delivery.id, call_id=calls[0].id or 0, call_version=1, section="new")
            )


def select_rows_of(session: Session) -> Iterator[Call]:
    yield from session.exec(select_rows(Call).order_by("id"))


def _call(key: str) -> CallRecord:
    return CallRecord(
        source="eu_portal",
        source_key=key,
        kind="call",
        identifiers=(key,),
        titles={"en": f"Urban mobility {key}"},
        texts={"en": f"Cities and logistics: {key} asks for cleaner air and sustainable urban mobility."},
        programme="TEST programme",
        status="open",
        deadlines=(DeadlineRecord(day=datetime(2026, 11, 15, tzinfo=UTC).date()),),
        page=f"https://example.org/{key}",
    )


def _on_call(organisation: str, word: str, call: Call) -> list[SQLModel]:
    """Of the first call it says that it is relevant, of the others that they are not."""
    assert call.id is not None
    theirs: dict[str, Any] = {"organisation": organisation, "call_id": call.id}
    said = theirs | {"officer": BOTH, "call_version": 1}
    relevant = call.source_key == CALLS[0]
    return [
        Match(
            **theirs,
            call_version=1,
            profile_hash=word,
            model=word,
            score=9.0 - call.id,
            percentile=99.0,
            areas=[{"id": "mobility", "score": 1.0, "terms": [word]}],
            projects=[{"id": f"{word}_project", "score": 1.0, "terms": [word]}],
            roles=[],
            verdict="open",
            rule="",
            evidence=[],
            matched_at=EARLIER,
        ),
        CallReading(**theirs, key=word, data=word.encode()),
        Decision(
            **said,
            verdict="relevant" if relevant else "not_relevant",
            note=f"decided {word}",
            decided_at=EARLIER,
        ),
        Stage(**said, stage="submitted", cents=777_00 if word == OTHER else 555_00, noted_at=EARLIER),
        Assignment(**theirs, officer=ALONE, assigned_by=BOTH, assigned_at=EARLIER),
        CallNote(**said, text=f"noted {word}", noted_at=EARLIER),
        AuditEvent(
            **theirs,
            officer=BOTH,
            action="assign",
            facts={"version": 1, "to": f"{word}_to"},
            happened_at=EARLIER,
        ),
    ]


def _beside(organisation: str, word: str) -> list[SQLModel]:
    theirs: dict[str, Any] = {"organisation": organisation}
    return [
        SavedFilter(**theirs, officer=BOTH, name=f"kept {word}", query=f"q={word}", saved_at=EARLIER),
        MailStop(**theirs, officer=ALONE, cause="paused", reason=f"stopped {word}", since=EARLIER),
        JobRun(**theirs, job="weekly", due_at=EARLIER, started_at=EARLIER, ended_at=EARLIER, outcome=word),
        LearntModel(
            **theirs,
            number=1,
            belongs_to=word,
            learnt_from=word,
            decisions=3,
            state="active",
            measures={},
            parameters={},
            trained_at=EARLIER,
        ),
        *(
            AccessToken(
                **theirs,
                token_hash=token_hash(raw_token(organisation, kind)),
                kind=kind,
                holder=f"{word}-program" if kind is Access.PROGRAM else BOTH,
                created_at=EARLIER,
                expires_at=NOW + timedelta(days=1),
            )
            for kind in Access
        ),
    ]


def raw_token(organisation: str, kind: Access) -> str:
    return f"test-{organisation}-{kind}".ljust(43, "x")


def _delivery(organisation: str, word: str) -> Delivery:
    """Of a mail that has been in doubt since a kill: it is sent again."""
    message = f"From: t@example.org\nTo: {BOTH}@{word}.example.org\nSubject: TEST\n\nmailed {word}\n"
    return Delivery(
        organisation=organisation,
        officer=BOTH,
        period="2026-W33",
        state="sending",
        message_id=f"<{word}@example.org>",
        message=message,
        prepared_at=EARLIER,
    )


def rows_of(database: Database, organisation: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that is kept of `organisation`, by table."""
    with database.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(_theirs(table, organisation))), key=repr)
            for name, table in owned_tables().items()
        }


def _theirs(table: Table, organisation: str) -> Any:
    if "organisation" in table.c:
        return select(table).where(table.c.organisation == organisation)
    key = next(one for one in table.foreign_keys if one.column.table.name in owned_tables())
    owner = key.column.table
    return select(table).join(owner, key.parent == key.column).where(owner.c.organisation == organisation)
