"""Which call has a permanent id: the database does not know the ids, and to work them all out takes seconds."""

from threading import Lock
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from config.organisation import Organisation
from notifier.permanent import call_uuid
from store.models import Call


class CallIds:
    """The ids of the calls of one database, kept as they become known.

    Calls never leave it, nor does a source call them anything else; new ones have higher numbers, and their writers wait
    for each other. So it is enough to look at those that came since.
    """

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._known: dict[UUID, int] = {}
        self._last = 0
        self._lock = Lock()

    def find(self, session: Session, wanted: UUID) -> Call | None:
        with self._lock:
            if wanted not in self._known:
                self._read_on(session)
            number = self._known.get(wanted)
        return None if number is None else session.get(Call, number)

    def _read_on(self, session: Session) -> None:
        statement = select(Call.id, Call.source, Call.source_key).where(col(Call.id) > self._last)
        for number, source, source_key in session.exec(statement.order_by(col(Call.id))):
            assert number is not None
            names: dict[str, Any] = {"source": source, "source_key": source_key}
            self._known[call_uuid(self._organisation, Call(**names))] = number
            self._last = number
