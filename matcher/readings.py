"""Readings of all calls in the store: each call is read once, and again only when it or the profile changed."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from matcher.profile import Profile
from matcher.reading import READER, Reader, Reading
from store.database import Database
from store.models import Call
from store.readings import keep_readings, kept_readings
from store.same_calls import faces

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

BATCH = 200
"""Calls that are read and kept at a time: some tenths of a second, which is all that a kill can lose."""

_FORM = TypeAdapter(Reading)


@dataclass(frozen=True)
class Readings:
    """The calls of the store in the order of their ids, each opportunity once; `versions`: those that were read."""

    readings: list[Reading]
    versions: list[int]


def read_all(
    database: Database, organisation: str, profile: Profile, progress: Progress | None = None
) -> Readings:
    """Read what the store does not hold as read for this profile already; `progress` is told of these alone."""
    with database.reading() as session:
        wanted = _wanted(session, profile)
        found = dict(_kept(session, organisation, wanted))
    missing = [call for call in wanted if call not in found]
    reader = Reader(profile)
    versions = {call: version for call, (version, _) in wanted.items()}
    for start in range(0, len(missing), BATCH):
        with database.reading() as session:
            calls = session.exec(select(Call).where(col(Call.id).in_(missing[start : start + BATCH]))).all()
            fresh = {reading.call_id: reading for reading in map(reader.read_call, calls)}
            keys = {call.id or 0: _key(profile, call.content_hash) for call in calls}
            versions |= {call.id or 0: call.version for call in calls}
        with database.writing() as session:
            kept = {call: (keys[call], _FORM.dump_json(reading)) for call, reading in fresh.items()}
            keep_readings(session, organisation, kept)
        found |= fresh
        if progress is not None:
            progress(start + len(fresh), len(missing))
    # A call that went between the two looks at the store is none any more.
    order = [call for call in wanted if call in found]
    return Readings([found[call] for call in order], [versions[call] for call in order])


def _wanted(session: Session, profile: Profile) -> dict[int, tuple[int, str]]:
    """Version and key of each call, those left out that another one stands for."""
    copies = faces(session).keys()
    statement = select(Call.id, Call.version, Call.content_hash).order_by(col(Call.id))
    return {
        call: (version, _key(profile, content))
        for call, version, content in session.exec(statement)
        if call is not None and call not in copies
    }


def _kept(
    session: Session, organisation: str, wanted: dict[int, tuple[int, str]]
) -> Iterator[tuple[int, Reading]]:
    broken = 0
    for call, key, data in kept_readings(session, organisation):
        if call in wanted and wanted[call][1] == key:
            try:
                yield call, _FORM.validate_json(data)
            except ValidationError:
                broken += 1
    if broken:
        logger.warning("%d stored readings are broken; their calls are read anew", broken)


def _key(profile: Profile, content: str) -> str:
    return f"{READER}:{profile.hash}:{content}"
