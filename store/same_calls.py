"""Which calls are one opportunity: the face that is shown, and its copies in other sources."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Assignment, Call, CallNote, Decision, SameCall, Stage

Row = TypeVar("Row", Assignment, CallNote, Decision, Stage)
"""Something that was said or done about a call."""


@dataclass(frozen=True)
class Same:
    """That the call `call_id` is the call `face_id` in another source. `reason` and `evidence`: `store.models.SameCall`."""

    call_id: int
    face_id: int
    reason: str
    evidence: str


def replace_same_calls(session: Session, found: Iterable[Same]) -> bool:
    """Keep what was found and nothing else; whether anything differs from what is stored."""
    wanted = {same.call_id: same for same in found}
    stored = {row.call_id: row for row in session.exec(select(SameCall))}
    for call_id in stored.keys() - wanted.keys():
        session.delete(stored[call_id])
    differing = [same for call_id, same in wanted.items() if _as_found(stored.get(call_id)) != same]
    for same in differing:
        session.merge(SameCall(**asdict(same)))
    return bool(differing) or stored.keys() != wanted.keys()


def faces(session: Session) -> dict[int, int]:
    """By copy: its face."""
    return {row.call_id: row.face_id for row in session.exec(select(SameCall))}


def copies(session: Session, of: Collection[int] | None = None) -> dict[int, list[Call]]:
    """By face, of all or of those faces alone: the same calls of other sources, in the order in which they came."""
    statement = select(SameCall.face_id, Call).join(Call, col(Call.id) == SameCall.call_id)
    if of is not None:
        statement = statement.where(col(SameCall.face_id).in_(of))
    found: dict[int, list[Call]] = {}
    for face_id, call in session.exec(statement.order_by(col(Call.id))):
        found.setdefault(face_id, []).append(call)
    return found


def _as_found(row: SameCall | None) -> Same | None:
    return None if row is None else Same(row.call_id, row.face_id, row.reason, row.evidence)


def same_as(call: Call, face_of: Mapping[int, int]) -> list[int]:
    """The call with all that are the same in other sources."""
    assert call.id is not None
    face = face_of.get(call.id, call.id)
    return [face, *(copy for copy, shown in face_of.items() if shown == face)]


def last_on(session: Session, rows: SelectOfScalar[Row], table: type[Row], call: Call) -> Row | None:
    """The last of `rows`, which are of `table`, on `call` or on the same call in another source."""
    on_call = rows.where(col(table.call_id).in_(same_as(call, faces(session))))
    return session.exec(on_call.order_by(col(table.id).desc())).first()
