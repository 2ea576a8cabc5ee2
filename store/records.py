"""The only door into the store: what a source may state about a call, validated."""

import hashlib
import json
import re
import unicodedata
from datetime import date, datetime, time
from enum import Enum, StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

LONGEST_TEXT = 200_000
"""Characters kept of one text: forty times the longest topic seen. Parsers clip to it and leave a notice."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""PostgreSQL refuses NUL and UTF-8 knows no half of a surrogate pair; the other control characters mean nothing here."""


def _storable(value: Any) -> Any:
    """`value` with its texts as every database takes them, accents in their composed form."""
    match value:
        case Enum():
            return value
        case str():
            return unicodedata.normalize("NFC", _UNSTORABLE.sub("", value))
        case list() | tuple():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _on_one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _no_instant(value: Any) -> Any:
    """Numbers would be read as seconds since 1970, and an instant's day depends on a zone that it does not tell."""
    if isinstance(value, int | float | datetime):
        raise ValueError("a date or a time of day is expected, no number and no instant")  # noqa: TRY004 - for pydantic
    return value


Line = Annotated[
    str,
    BeforeValidator(_on_one_line),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Cents = Annotated[int, Field(strict=True, ge=0, le=10**16)]
Day = Annotated[date, BeforeValidator(_no_instant), Field(ge=date(1970, 1, 1), le=date(2999, 12, 31))]
"""A year such as 9999 stands for no deadline: a parser says so in `no_deadline`."""


class Kind(StrEnum):
    CALL = "call"
    CASCADE = "cascade"
    PRIZE = "prize"
    SCHEME = "scheme"
    ADVANCE_NOTICE = "advance_notice"


class Status(StrEnum):
    """What the source says. Whether a call is closed is decided by its deadlines: `store.states`."""

    FORTHCOMING = "forthcoming"
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class DeadlineModel(StrEnum):
    SINGLE_STAGE = "single-stage"
    TWO_STAGE = "two-stage"
    MULTIPLE_CUT_OFF = "multiple cut-off"
    UNKNOWN = "unknown"


class Stated(BaseModel):
    """What a source sent: its texts are made storable before anything is checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _make_storable(cls, data: Any) -> Any:
        return _storable(data)


class DeadlineRecord(Stated):
    """One deadline: a date, a time of day or none, and the zone it is meant in. `prose` is the source's own words."""

    day: Day | None
    at: Annotated[time, BeforeValidator(_no_instant)] | None = None
    zone: str = "Europe/Brussels"
    stage: Annotated[int, Field(ge=1)] | None = None
    prose: Prose = ""

    @field_validator("at")
    @classmethod
    def _by_the_clock_of_the_zone(cls, at: time | None) -> time | None:
        if at is not None and at.tzinfo is not None:
            raise ValueError("the zone of a deadline stands in `zone`, not in its time")
        return at

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"`{zone}` is no time zone") from error
        return zone

    @model_validator(mode="after")
    def _has_something(self) -> "DeadlineRecord":
        if self.day is None and not self.prose:
            raise ValueError("a deadline without a date keeps the source's words")
        return self


class Document(Stated):
    """A document that a source links to: never fetched while crawling."""

    title: Line
    address: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    kind: str = Field("", description="its file type, such as pdf")
    size: Annotated[int, Field(ge=0)] | None = Field(None, description="bytes")


class CallRecord(Stated):
    """One call as one source states it.

    Amounts are whole cents of `currency`; None is unknown, never zero. Texts are plain, paragraphs parted by a
    newline, by language (ISO 639-1). Deadlines stand in the order of time, those without a date last.
    """

    source: Line
    source_key: Line
    kind: Kind
    identifiers: tuple[Line, ...] = ()
    call_identifier: str = ""
    titles: dict[Language, Line] = Field(min_length=1)
    call_title: str = ""
    destination: Annotated[str, StringConstraints(max_length=2_000)] = ""
    texts: dict[Language, Prose] = Field(default_factory=dict)
    conditions: dict[Language, Prose] = Field(default_factory=dict)
    programme: str = ""
    programme_code: str = ""
    types_of_action: tuple[Line, ...] = ()
    status: Status
    opening: Day | None = None
    deadline_model: DeadlineModel = DeadlineModel.UNKNOWN
    deadlines: tuple[DeadlineRecord, ...] = ()
    no_deadline: Prose = Field("", description="why there is none")
    budget_cents: Cents | None = None
    grant_min_cents: Cents | None = None
    grant_max_cents: Cents | None = None
    expected_grants: Annotated[int, Field(ge=1, le=100_000)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    funding_rate: Annotated[int, Field(ge=0, le=100)] | None = Field(None, description="per cent")
    geographical_zones: tuple[Line, ...] = ()
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()
    regions: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")], ...] = Field(
        (), description="NUTS codes"
    )
    applicants: tuple[Line, ...] = Field((), description="who may apply, in the source's words")
    documents: tuple[Document, ...] = ()
    published: Day | None = None
    keywords: tuple[Line, ...] = ()
    page: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    notices: tuple[str, ...] = Field((), description="doubts about the data that a reader should know")

    @field_validator("deadlines")
    @classmethod
    def _in_order_of_time(cls, deadlines: tuple[DeadlineRecord, ...]) -> tuple[DeadlineRecord, ...]:
        return tuple(sorted(dict.fromkeys(deadlines), key=_when))

    @model_validator(mode="after")
    def _deadline_or_reason(self) -> "CallRecord":
        if not self.deadlines and not self.no_deadline:
            raise ValueError("a call without a deadline says why there is none")
        return self

    def facts(self) -> dict[str, Any]:
        """Every field in JSON's own types, lists without an order of their own sorted."""
        facts = self.model_dump(mode="json")
        for field in UNORDERED:
            facts[field] = sorted(set(facts[field]))
        return facts

    def stated(self) -> set[str]:
        """The fields of which the source says something; a deadline in prose alone is not one that can be counted on."""
        found = {field for field in type(self).model_fields if getattr(self, field) not in (None, "", (), {})}
        return found if any(deadline.day for deadline in self.deadlines) else found - {"deadlines"}


def _when(deadline: DeadlineRecord) -> tuple[date, time, int, str]:
    return deadline.day or date.max, deadline.at or time.max, deadline.stage or 0, deadline.prose


UNORDERED = (
    "identifiers",
    "types_of_action",
    "geographical_zones",
    "countries",
    "regions",
    "applicants",
    "keywords",
    "notices",
)
"""Lists whose order says nothing."""

MATERIAL = (
    "kind",
    "titles",
    "texts",
    "conditions",
    "types_of_action",
    "status",
    "opening",
    "deadline_model",
    "deadlines",
    "budget_cents",
    "grant_min_cents",
    "grant_max_cents",
    "expected_grants",
    "currency",
    "funding_rate",
    "geographical_zones",
    "countries",
    "regions",
    "applicants",
)
"""The facts whose change makes a new version of a call; a change of the others is only kept."""


def digest(facts: dict[str, Any]) -> str:
    """A hash that equal facts share whatever the order of their keys."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Rejected(Stated):
    """A row that could not become a CallRecord: it goes to quarantine with its reason."""

    source: str
    source_key: str = ""
    reason: str
    raw: str = Field(description="the row as the source sent it, JSON")
