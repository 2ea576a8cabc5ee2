"""What the API answers, by the names of CommonGrants: `notifier.common_grants` says where they come from.

What is not known is left out, hence the many fields that need not be there.
"""

import re
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

LARGEST_PAGE = 100
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def _written(value: object) -> object:
    """Raises ValueError for what pydantic takes for an instant beside it: seconds since 1970, days, times without zone."""
    if isinstance(value, str) and not RFC3339.fullmatch(value):
        raise ValueError("must be written as 2026-03-02T06:00:00Z (RFC 3339), with + as %2B")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be between the years 1 and 9999 in UTC") from None


Key = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text, but for the character that is refused wherever it stands in an address."""
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class Money(_Model):
    """A decimal text, so that no program makes a binary fraction of it."""

    amount: Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", examples=["12000000.00"])]
    currency: Annotated[str, Field(examples=["EUR"])]


class Event(_Model):
    """`time` is by the clock of the zone in `description`; without one the day counts whole."""

    name: str
    event_type: Literal["singleDate"]
    date: date
    time: Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}:[0-9]{2}$")] | None = None
    description: str | None = None


class Status(_Model):
    value: Literal["forecasted", "open", "closed", "custom"]
    custom_value: str | None = None
    description: Annotated[str, Field(description="in the language asked for")]


class Funding(_Model):
    total_amount_available: Money | None = None
    min_award_amount: Money | None = None
    max_award_amount: Money | None = None
    estimated_award_count: int | None = None


class KeyDates(_Model):
    post_date: Event | None = None
    close_date: Annotated[
        Event | None, Field(description="the last deadline by which a newcomer can enter")
    ] = None
    other_dates: dict[str, Event] | None = None


class ApplicantType(_Model):
    value: Literal["custom"]
    custom_value: str


class CustomField(_Model):
    name: str
    field_type: Literal["string", "boolean", "number", "array", "object"]
    value: JsonValue


class Call(_Model):
    """A call as `funding export json` writes it."""

    id: Annotated[UUID, Field(description="never changes")]
    title: str
    status: Status
    description: str
    created_at: datetime
    last_modified_at: datetime
    funding: Funding | None = None
    key_dates: KeyDates | None = None
    accepted_applicant_types: list[ApplicantType] | None = None
    source: str | None = None
    custom_fields: dict[str, CustomField]


class Match(_Model):
    """How a call stands to the organisation: `id` is the call's. One that a rule excludes has no rank."""

    id: UUID
    title: str
    last_modified_at: datetime
    rank: Annotated[int | None, Field(description="place among the live calls, from 1")] = None
    percentile: Annotated[float, Field(description="share of all calls that rank below, 0 to 100")]
    verdict: str
    eligibility: Annotated[str | None, Field(description="the verdict in words")] = None
    evidence: Annotated[list[str] | None, Field(description="the call's words that it rests on")] = None
    role: str | None = None
    areas: list[str] | None = None
    strategic_lines: list[str] | None = None
    projects: list[str] | None = None
    partners_named: list[str] | None = None
    why: str | None = None


class PaginationInfo(_Model):
    page: int
    page_size: int
    total_items: int
    total_pages: int


class _Answer(_Model):
    status: Literal[200] = 200
    message: str = "Success"


class CallPage(_Answer):
    items: list[Call]
    pagination_info: PaginationInfo


class MatchPage(_Answer):
    items: list[Match]
    pagination_info: PaginationInfo


class CallAnswer(_Answer):
    data: Call


class MatchAnswer(_Answer):
    data: Match


class Search(_Model):
    """What is asked for. A parameter that is mistyped is refused: nobody should take all calls for those of an area."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20
    status: Annotated[
        Literal["forecasted", "open", "custom"] | None,
        Field(description="`custom`: the source does not say whether it is open"),
    ] = None
    area: Annotated[Key | None, Field(description="id of a policy area")] = None
    source: Annotated[
        Key | None, Field(description="key of a source, also where another one states it too")
    ] = None
    verdict: Annotated[
        Literal["open", "unlikely", "not_open", "unknown"] | None,
        Field(description="`not_open`: a rule excludes it"),
    ] = None
    updated_since: Annotated[
        Instant | None,
        Field(description="new or changed then or later", examples=["2026-03-02T06:00:00Z"]),
    ] = None


class Problem(BaseModel):
    """Why a request is not served (RFC 9457)."""

    type: Annotated[str, Field(json_schema_extra={"format": "uri-reference"}, examples=["about:blank"])]
    title: Annotated[str, Field(examples=[HTTPStatus.UNAUTHORIZED.phrase])]
    status: Annotated[int, Field(ge=400, le=599, examples=[HTTPStatus.UNAUTHORIZED.value])]
    detail: Annotated[str, Field(examples=["There is no token, or it is good no more"])]


class Misfit(BaseModel):
    """A parameter that does not fit, by its place and name in this description."""

    in_: Annotated[Literal["query", "path"], Field(alias="in")]
    name: str
    detail: str


class Invalid(Problem):
    """What does not fit, each parameter by itself."""

    errors: list[Misfit]
