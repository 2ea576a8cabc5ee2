"""What holds of saving whatever the calls are."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from store.calls import Tally, save
from store.database import Database
from store.models import Call, CallVersion
from store.records import MATERIAL, CallRecord, DeadlineRecord, Status

MakeRecord = Callable[..., CallRecord]

texts = st.text(st.characters(), max_size=30)
lines = texts.map(lambda text: f"T{text}")
cents = st.none() | st.integers(0, 10**16)
days = st.dates(date(2025, 1, 1), date(2030, 1, 1))
deadlines = st.builds(
    DeadlineRecord,
    day=days,
    at=st.none() | st.times().map(lambda at: at.replace(tzinfo=None)),
    zone=st.sampled_from(["Europe/Brussels", "Europe/Madrid", "America/Bogota"]),
    stage=st.none() | st.integers(1, 3),
    prose=texts,
) | lines.map(lambda prose: DeadlineRecord(day=None, prose=prose))
facts = st.fixed_dictionaries(
    {
        "titles": st.dictionaries(st.sampled_from(["ca", "en", "es", "fr"]), lines, min_size=1),
        "texts": st.dictionaries(st.sampled_from(["ca", "en"]), texts),
        "status": st.sampled_from(Status),
        "deadlines": st.lists(deadlines, min_size=1, max_size=3).map(tuple),
        "budget_cents": cents,
        "opening": st.none() | days,
        "keywords": st.lists(lines, max_size=3).map(tuple),
        "geographical_zones": st.lists(lines, max_size=3).map(tuple),
        "notices": st.lists(texts, max_size=2).map(tuple),
    }
)
several = settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],  # to shrink an example over a database takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@several
@given(batch=st.dictionaries(st.sampled_from("ABCDEF"), facts, max_size=4))
def test_saving_again_changes_nothing(
    database: Database, record: MakeRecord, now: datetime, batch: dict[str, dict[str, Any]]
) -> None:
    records = [record(f"TEST-{key}", **given_facts) for key, given_facts in batch.items()]
    with database.reading() as session:  # never committed: each example begins with an empty store
        assert save(session, records, None, now) == Tally(new=len(records))
        session.expire_all()
        assert save(session, records, None, now) == Tally(unchanged=len(records))
        assert len(session.exec(select(CallVersion)).all()) == len(records)


@several
@given(history=st.lists(facts, min_size=1, max_size=5))
def test_versions_replay_to_what_stands(
    database: Database, record: MakeRecord, now: datetime, history: list[dict[str, Any]]
) -> None:
    records = [record(**given_facts) for given_facts in history]
    with database.reading() as session:
        for entry in records:
            save(session, [entry], None, now)
        session.expire_all()
        call = session.exec(select(Call)).one()
        versions = session.exec(select(CallVersion).order_by(col(CallVersion.number))).all()
        assert [version.number for version in versions] == list(range(1, call.version + 1))

        material = {field: versions[0].snapshot[field] for field in MATERIAL}
        for version in versions:
            assert CallRecord.model_validate(version.snapshot).facts() == version.snapshot
            for change in version.changes:
                assert material[change["field"]] == change["before"] != change["after"]
                material[change["field"]] = change["after"]
            assert material == {field: version.snapshot[field] for field in MATERIAL}

        stands = records[-1].facts()
        assert material == {field: stands[field] for field in MATERIAL}
        assert (call.titles, call.budget_cents, call.keywords) == (
            stands["titles"],
            stands["budget_cents"],
            stands["keywords"],
        )
        assert [deadline.day for deadline in call.deadlines] == [d.day for d in records[-1].deadlines]
        assert [deadline.at or time.max for deadline in call.deadlines] == [
            d.at or time.max for d in records[-1].deadlines
        ]
