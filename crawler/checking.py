"""Whether a portal still answers as its contract says: a look at it, and each difference by its field."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from protego import Protego

from config.clock import clock
from config.schema import Source
from config.settings import Settings
from crawler.bases.portal import LOOPBACK
from crawler.bases.rows import Row
from crawler.contract import Contract, load_contract, shape_in
from crawler.looking import Job, Look, LookError, look
from crawler.outcomes import Fault
from crawler.settings import ROBOTSTXT_USER_AGENT
from crawler.shape import Field, Shape, differences, shape_of
from store.locks import exclusive
from store.models import SourceCheck

OK, DRIFT, FAILED = "ok", "drift", "failed"


class Part(StrEnum):
    """What was looked at."""

    READING = "reading"
    ROWS = "rows"
    CALLS = "fields"
    OTHERS = "fields of rows that are no calls"
    RECORDS = "calls"
    ROBOTS = "robots.txt"
    TERMS = "terms"


class Kind(StrEnum):
    """How it differs from what is known."""

    FAULT = "fault"
    FEWER = "fewer"
    UNDECLARED = "undeclared"
    GONE = "gone"
    RARER = "rarer"
    TYPE = "type"
    REJECTED = "rejected"
    CHANGED = "changed"
    UNREACHABLE = "unreachable"

    NEW = "new"
    NO_CALL = "no call"
    DELAY = "delay"
    NO_ADDRESS = "no address"
    NOT_MET = "not met"


REMARKS = {Kind.NEW, Kind.NO_CALL, Kind.DELAY, Kind.NO_ADDRESS, Kind.NOT_MET}
"""What is worth a line and no drift."""


@dataclass(frozen=True)
class Finding:
    part: Part
    kind: Kind
    field: str = ""
    before: str = ""
    after: str = ""

    @property
    def is_drift(self) -> bool:
        return self.kind not in REMARKS


@dataclass(frozen=True)
class Check:
    """What a look at a source found. `live`: it was the portal itself, no replica and no other address."""

    source: str
    checked_at: datetime
    live: bool
    outcome: str
    findings: tuple[Finding, ...] = ()
    robots_hash: str = ""
    terms_hash: str = ""

    def row(self) -> SourceCheck:
        return SourceCheck(**asdict(self) | {"findings": [asdict(finding) for finding in self.findings]})


def is_live(source: Source, settings: Settings) -> bool:
    return source.key not in settings.address


def check_source(
    source: Source, settings: Settings, before: SourceCheck | None, today: date | None = None
) -> Check:
    """Look at `source` and judge what was met; `before` is the last check of the same portal.

    Raises FileNotFoundError for a source without a contract, and store.locks.BusyError while it is being read.
    """
    live = is_live(source, settings)
    contract, kept = load_contract(source.key), kept_of(source, before, clock(today), live=live)
    logs = settings.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    try:
        with exclusive(settings.home, f"crawl-{source.key}"):
            (seen,) = look(
                [Job(source=source.key, terms_page=_terms_page(source, live), today=today)],
                settings.address,
                log=logs / f"check-{source.key}.log",
            )
    except LookError as error:
        return replace(kept, findings=(_fault(Fault.INCOMPLETE, str(error)),))
    return judge(source, contract, seen, kept)


def kept_of(source: Source, before: SourceCheck | None, now: datetime, *, live: bool) -> Check:
    """A check that has seen nothing yet: it only remembers what robots.txt and the terms were."""
    hashes = (before.robots_hash, before.terms_hash) if before else ("", "")
    return Check(source.key, now, live, FAILED, (), *hashes)


def _terms_page(source: Source, live: bool) -> str | None:
    """Who meets a replica does not ask the real portal for its terms."""
    return source.terms_page if live or (source.terms_page or "").startswith(LOOPBACK) else None


def judge(source: Source, contract: Contract, seen: Look, kept: Check) -> Check:
    """What the look `seen` says of a source; `kept` bears what is known of its robots.txt and terms. Pure."""
    findings = tuple(_findings(source, contract, seen, kept))
    drifts = any(finding.is_drift for finding in findings)
    return replace(
        kept,
        outcome=FAILED if seen.faults and not seen.rows else DRIFT if drifts else OK,
        findings=findings,
        robots_hash=_hash(seen.robots) or kept.robots_hash,
        terms_hash=_hash(seen.terms) or kept.terms_hash,
    )


def _findings(source: Source, contract: Contract, seen: Look, kept: Check) -> Iterator[Finding]:
    for fault, detail in dict.fromkeys(seen.faults):
        yield _fault(fault, detail)
    if seen.rows or not seen.faults:
        yield from _rows(contract, seen)
        yield from _fields(Part.CALLS, contract.calls, seen.calls)
        yield from _fields(Part.OTHERS, contract.others, seen.others)
        yield from _records(contract, seen)
    if seen.robots is not None:
        yield from _robots(source, seen.robots, kept.robots_hash)
    yield from _terms(source, seen, kept)


def _fault(fault: Fault, detail: str) -> Finding:
    return Finding(Part.READING, Kind.FAULT, fault, after=detail)


def _rows(contract: Contract, seen: Look) -> Iterator[Finding]:
    if seen.rows < contract.least_rows:
        yield Finding(Part.ROWS, Kind.FEWER, "", str(contract.least_rows), str(seen.rows))
    if contract.declares_total and seen.declared is None:
        yield Finding(Part.ROWS, Kind.UNDECLARED)
    if seen.others and not seen.calls:
        yield Finding(Part.ROWS, Kind.NO_CALL, after=str(len(seen.others)))


def _fields(part: Part, known: dict[str, str], rows: list[Row]) -> Iterator[Finding]:
    """Rows of a kind that the contract does not know, or that the look did not meet, say nothing."""
    if known and rows:
        for found in differences(shape_in(known), shape_of(rows), len(rows)):
            yield Finding(part, Kind(found.kind), found.path, found.before, found.after)


def _records(contract: Contract, seen: Look) -> Iterator[Finding]:
    if seen.rejected:
        counts = f"{len(seen.rejected)} of {len(seen.calls)}"
        yield Finding(Part.RECORDS, Kind.REJECTED, after=f"{counts}: {seen.rejected[0]}")
    if seen.records:
        for found in differences(_shares(contract.records), _shares(seen.shares), seen.records):
            if found.kind != "new":
                yield Finding(Part.RECORDS, Kind(found.kind), found.path, found.before, found.after)


def _shares(shares: Mapping[str, float]) -> Shape:
    return {name: Field(frozenset(), share) for name, share in shares.items()}


def _robots(source: Source, text: str, known_hash: str) -> Iterator[Finding]:
    if known_hash and _hash(text) != known_hash:
        yield Finding(Part.ROBOTS, Kind.CHANGED)
    delay = Protego.parse(text).crawl_delay(ROBOTSTXT_USER_AGENT)
    if delay is not None and delay > source.delay:
        yield Finding(Part.ROBOTS, Kind.DELAY, "Crawl-delay", f"{source.delay:g}", f"{delay:g}")


def _terms(source: Source, seen: Look, kept: Check) -> Iterator[Finding]:
    if source.terms_page is None:
        yield Finding(Part.TERMS, Kind.NO_ADDRESS)
    elif _terms_page(source, kept.live) is None:
        yield Finding(Part.TERMS, Kind.NOT_MET, after=source.terms_page)
    elif seen.terms is None:
        yield Finding(Part.TERMS, Kind.UNREACHABLE, after=seen.terms_fault)
    elif kept.terms_hash and _hash(seen.terms) != kept.terms_hash:
        yield Finding(Part.TERMS, Kind.CHANGED, after=source.terms_page)


def _hash(text: str | None) -> str:
    return "" if text is None else sha256(text.encode()).hexdigest()
