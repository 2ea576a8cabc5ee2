"""How a reading of a source went: what every run owes to those who rely on it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from crawler.middlewares.private import AddressRefused
from crawler.middlewares.redirect import RedirectRefused
from crawler.middlewares.robots import RobotsUnreadable
from store.records import CallRecord


class Outcome(StrEnum):
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    EMPTY = "empty"


class Fault(StrEnum):
    """What went wrong, in the order of how much it says about the whole run."""

    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    UNAVAILABLE = "unavailable"
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"


@dataclass
class Reading:
    """The counts of one run. `declared` is the portal's own number of rows, None while it has not said one.

    `coverage` counts, of the `records` read, those that state a field.
    """

    seen: int = 0
    declared: int | None = None
    new: int = 0
    changed: int = 0
    quarantined: int = 0
    records: int = 0
    coverage: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[Fault, str]] = field(default_factory=list)
    fatal: bool = False

    def count(self, record: CallRecord) -> None:
        """Count which fields `record` states: when a portal changes, one field goes missing in all of them."""
        self.records += 1
        self.coverage.update(record.stated())

    def note(self, fault: Fault, detail: str) -> None:
        self.faults.append((fault, detail))

    @property
    def outcome(self) -> Outcome:
        if not self.faults:
            return Outcome.OK if self.seen else Outcome.EMPTY
        stored_something = self.seen > self.quarantined
        return Outcome.PARTIAL if stored_something and not self.fatal else Outcome.FAILED

    @property
    def error(self) -> str:
        """The kind of the weightiest fault, empty when all went well."""
        order = list(Fault)
        return min((fault for fault, _ in self.faults), key=order.index, default="")

    @property
    def detail(self) -> str:
        """What happened, each fault once."""
        return "; ".join(dict.fromkeys(detail for _, detail in self.faults))


_FAULTS_OF_STATUS = {401: Fault.BLOCKED, 403: Fault.BLOCKED, 429: Fault.RATE_LIMITED, 451: Fault.BLOCKED}


def explain(error: BaseException) -> tuple[Fault, str]:
    """The kind of fault that a failed request shows, and a sentence on it."""
    if isinstance(error, HttpError):
        status = error.response.status
        default = Fault.UNAVAILABLE if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Fault.UNREADABLE
        return _FAULTS_OF_STATUS.get(status, default), f"the portal answered {status}"
    if isinstance(error, IgnoreRequest | DownloadCancelledError):
        return _explain_refusal(error)
    if isinstance(error, DownloadTimeoutError):
        return Fault.UNAVAILABLE, "the portal did not answer in time"
    return Fault.UNAVAILABLE, f"the portal could not be reached ({type(error).__name__})"


def _explain_refusal(error: IgnoreRequest | DownloadCancelledError) -> tuple[Fault, str]:
    """Why this program did not ask, or did not take what was answered."""
    match error:
        case RobotsUnreadable():
            return Fault.UNAVAILABLE, str(error)
        case AddressRefused():
            return Fault.BLOCKED, f"an address was not met: {error}"
        case RedirectRefused():
            return Fault.BLOCKED, str(error)
        case IgnoreRequest() if "robots.txt" in str(error):
            return Fault.BLOCKED, "robots.txt forbids it"
    return Fault.UNREADABLE, "an answer was larger than any page of the portal"
