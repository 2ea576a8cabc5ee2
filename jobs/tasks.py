"""What each job does. All of it can be killed at any moment and done again."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from crawler.identity import identify_calls
from crawler.outcomes import Fault, Outcome
from crawler.runner import crawl as crawl_source
from jobs.installation import Installation
from jobs.plan import Task, Work
from matcher.matching import match_calls
from matcher.scorers.encoder import load_encoder
from matcher.training import learn as learn_from_decisions
from notifier.digest import send_digests
from notifier.summary import write_summary
from store.backup import back_up
from store.retention import retain

SKIPPED = "skipped"
GIVEN_UP = "given_up"
KEPT_BACKUPS = 14
PASSING = (Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.INCOMPLETE)
"""What may be over an hour later. A portal that blocks, or answers something else, is asked at its next time."""


class StoppedError(RuntimeError):
    """The process was told to end: the work is begun again at the next start."""


@dataclass(frozen=True)
class Done:
    """What became of some work, and what is to follow it.

    `ok`, `partial`, `failed` (to be tried again), `given_up` (until its next time) or `skipped`.
    """

    outcome: str
    detail: str = ""
    then: tuple[Work, ...] = ()


Function = Callable[[Installation, Work, datetime], Done]


def crawl(here: Installation, work: Work, _now: datetime) -> Done:
    """Read the source and find what other sources state too. What it brings is matched for every organisation."""
    first = here.first()
    run = crawl_source(work.of, here.settings.of(first.key), here.database, stop=here.stopping.is_set)
    if here.stopping.is_set():
        raise StoppedError(work.key)
    brings = bool(run.new or run.changed)
    if brings:
        identify_calls(here.database, first)
    then = tuple(Work(Task.MATCH, key) for key in here.settings.organisation_keys) if brings else ()
    outcome = Outcome.OK if run.outcome == "empty" else run.outcome
    if outcome == Outcome.FAILED and run.error not in PASSING:
        outcome = GIVEN_UP
    return Done(outcome, run.detail or f"{run.seen} rows, {run.new} new, {run.changed} changed", then)


def learn(here: Installation, work: Work, now: datetime) -> Done:
    encoder = load_encoder(here.settings.encoder).encoder
    learn_from_decisions(here.database, here.organisation(work.organisation), now, encoder)
    return Done(Outcome.OK)


def match(here: Installation, work: Work, now: datetime) -> Done:
    """Rank all calls and write the summary. Who is told at once is told of what came up."""
    organisation = here.organisation(work.organisation)
    if organisation.key == here.settings.organisation_keys[0]:
        identify_calls(here.database, organisation)  # should a crawl have been killed before it did
    encoder = load_encoder(here.settings.encoder).encoder
    report = match_calls(here.database, organisation, now, encoder=encoder)
    with here.database.reading() as session:
        path = here.settings.of(organisation.key).summary
        write_summary(session, organisation, now, path, organisation.profile.language)
    at_once = (one.id for one in organisation.officers if one.cadence == "instant")
    then = tuple(Work(Task.DIGEST, organisation.key, officer) for officer in at_once)
    return Done(Outcome.OK, f"{report.calls} calls, {report.not_open} hidden", then)


def digest(here: Installation, work: Work, now: datetime) -> Done:
    """Send the officer what is due, or the reminders that cannot wait for it. A mail that was refused for good is not tried again."""
    organisation = here.organisation(work.organisation)
    settings = here.settings.of(organisation.key)
    if organisation.officer(work.of) is None:
        return Done(SKIPPED, "no officer any more")
    reminding = work.task is Task.REMIND
    sent = send_digests(here.database, organisation, settings, now, [work.of], reminding=reminding)
    waiting = next((one for one in sent if one.unsent and one.state != "refused"), None)
    if waiting is not None:
        return Done(Outcome.FAILED, waiting.error)
    return Done(Outcome.OK, ", ".join(f"{one.period} {one.state}" for one in sent))


def backup(here: Installation, _work: Work, now: datetime) -> Done:
    return Done(Outcome.OK, str(back_up(here.database, here.settings, now, keep=KEPT_BACKUPS)))


def retention(here: Installation, work: Work, now: datetime) -> Done:
    organisation = here.organisation(work.organisation)
    gone = retain(here.database, organisation.key, organisation.profile.retention, now)
    return Done(Outcome.OK, ", ".join(f"{name} {count}" for name, count in asdict(gone).items() if count))


FUNCTIONS: Mapping[Task, Function] = {
    Task.BACKUP: backup,
    Task.RETENTION: retention,
    Task.CRAWL: crawl,
    Task.LEARN: learn,
    Task.MATCH: match,
    Task.DIGEST: digest,
    Task.REMIND: digest,
}
