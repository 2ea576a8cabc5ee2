"""What is kept of comings, goings and refusals: no addresses, and no more of it than fits."""

import logging
from datetime import timedelta

from review.limits import Limit
from review.site import Site
from store.audit import note_event
from store.errors import StoreError

MOST_REFUSALS = 30
"""Of one kind, in an hour: whoever asks for the same thing a million times does not fill the disk."""
log = logging.getLogger(__name__)


class Refusals:
    """Notes requests that were refused, by the one word that says why."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._limit = Limit(MOST_REFUSALS, timedelta(hours=1))

    def note(self, why: str) -> None:
        now = self._site.clock()
        if not self._limit.allows(why, now):
            return
        try:
            with self._site.database.writing() as session:
                note_event(session, self._site.organisation.key, "", "refused", now, facts={"why": why})
        except StoreError as error:
            log.warning("a refusal (%s) was not noted: %s", why, error)


def note_visit(site: Site, officer: str, action: str, **facts: str) -> None:
    """Keep that `officer` came or went: signed_in, signed_out, acting."""
    with site.database.writing() as session:
        note_event(session, site.organisation.key, officer, action, site.clock(), facts=facts)
