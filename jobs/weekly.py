"""A week's work at once, one step after the other: `funding run` and the demonstration."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from config.clock import clock
from config.organisation import Organisation
from config.settings import Settings
from crawler.identity import identify_calls
from crawler.outcomes import Outcome
from crawler.runner import RunResult, crawl
from matcher.matching import MatchReport, match_calls
from matcher.scorers.encoder import load_encoder
from matcher.training import learn
from notifier.digest import Outcome as DigestOutcome
from notifier.digest import send_digests
from notifier.summary import write_summary
from store.database import Database
from store.locks import BusyError

Report = Callable[[str], None]
"""Called with the name of each step as it begins."""


@dataclass
class RunReport:
    """What one weekly run did."""

    crawls: list[RunResult] = field(default_factory=list)
    matches: MatchReport | None = None
    digests: list[DigestOutcome] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """`failed`: no source could be read or no mail went out; `partial`: some of it."""
        bad = [run for run in self.crawls if run.outcome != Outcome.OK]
        unsent = [digest for digest in self.digests if digest.unsent]
        if not bad and not unsent:
            return Outcome.OK
        nothing_read = all(run.outcome == Outcome.FAILED for run in self.crawls) and bool(bad)
        nothing_sent = bool(unsent) and len(unsent) == len(self.digests)
        return Outcome.FAILED if nothing_read or nothing_sent else Outcome.PARTIAL


def weekly_run(
    settings: Settings,
    database: Database,
    organisation: Organisation,
    today: date | None = None,
    report: Report | None = None,
    moved_days: int = 0,
) -> RunReport:
    """Crawl all sources that are switched on, learn, match, write the summary, send the digests.

    A source that fails does not keep the others, or the mails, from being done: the digest says what failed. Can be
    killed at any moment and run again.
    """
    done = RunReport()
    tell = report or (lambda _: None)
    for source in organisation.sources:
        if source.enabled:
            tell(source.name)
            with suppress(
                BusyError
            ):  # it is being read by hand right now: what that brings is matched next week
                done.crawls.append(crawl(source.key, settings, database, today))
    identify_calls(database, organisation)
    tell("match")
    encoder = load_encoder(settings.encoder).encoder
    learn(database, organisation, clock(today), encoder)
    done.matches = match_calls(database, organisation, clock(today), encoder=encoder)
    tell("summary")
    with database.reading() as session:
        write_summary(
            session,
            organisation,
            clock(today),
            settings.summary,
            organisation.profile.language,
            moved_days=moved_days,
        )
    tell("digest")
    done.digests = send_digests(database, organisation, settings, clock(today), moved_days=moved_days)
    return done
