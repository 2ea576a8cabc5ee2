"""What stands in an organisation's TOML files: one class a table."""

import re
from datetime import date
from datetime import time as TimeOfDay  # noqa: N812  a field is called `time`
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.retention import Retention

Language = Literal["ca", "es", "en", "fr"]
LANGUAGES: tuple[Language, ...] = ("ca", "es", "en", "fr")
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Nuts = Annotated[str, Field(pattern=r"^[A-Z]{2}[0-9A-Z]{0,3}$")]
Address = Annotated[str, Field(pattern=r"^https?://\S+$")]


class Section(BaseModel):
    """A table of a TOML file. Unknown keys are errors: a misspelt key must not pass in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Wording = Annotated[str, Field(min_length=1)]


class Text(Section):
    """The same words in the four languages of the product."""

    ca: Wording
    es: Wording
    en: Wording
    fr: Wording

    def __getitem__(self, language: Language) -> str:
        return str(getattr(self, language))


def _same_in_all(value: Any) -> Any:
    return dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value


Name = Annotated[Text, BeforeValidator(_same_in_all)]
"""A proper name written once, or a table with its four translations."""


class Words(Section):
    """Lists of terms by language."""

    ca: tuple[str, ...]
    es: tuple[str, ...]
    en: tuple[str, ...]
    fr: tuple[str, ...]

    def __getitem__(self, language: Language) -> tuple[str, ...]:
        return tuple(getattr(self, language))


class Role(Section):
    """One way in which the organisation takes part in calls, in the words that calls use for it."""

    id: Literal["lead", "partner", "pilot", "buyer", "forward"]
    name: Text
    words: Words
    description: Text | None = Field(default=None, description="a sentence that such a call could hold")


class Other(Section):
    """Whom calls are for that are not for the organisation, in a sentence that such a call could hold."""

    id: Key
    description: Text


class Line(Section):
    """A strategic line of the organisation's plan."""

    id: Key
    name: Text


class Territory(Section):
    """Where the organisation stands, for territory conditions of calls."""

    country: Country
    nuts: tuple[Nuts, ...] = Field(min_length=1)
    municipalities: int = Field(gt=0)
    population: int = Field(gt=0)


def _is_a_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"`{name}` is no time zone, such as Europe/Madrid")
    return name


class Schedule(Section):
    """When jobs start, by the clock of `timezone`: each day, or on `day` what is done once a week.

    Sources are read from `crawl` on, one after the other; `time` is that of the digests.
    """

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    time: TimeOfDay
    timezone: Annotated[str, AfterValidator(_is_a_zone)]
    backup: TimeOfDay = TimeOfDay(1)
    retention: TimeOfDay = TimeOfDay(1, 30)
    crawl: TimeOfDay = TimeOfDay(3)
    learn: TimeOfDay = TimeOfDay(5, 30)
    match: TimeOfDay = TimeOfDay(6)
    remind: TimeOfDay = TimeOfDay(8)


class Identity(Section):
    """What every organisation says of itself in organisation.toml."""

    id: Key
    name: Text
    short_name: Wording
    website: Address
    nature: Text
    territory: Territory
    language: Language


class Profile(Identity):
    """organisation.toml"""

    schedule: Schedule
    retention: Retention = Retention()
    lines: tuple[Line, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=1)
    lacks: Words = Field(description="fields in which the organisation has no competence")
    others: tuple[Other, ...] = Field(default=(), description="what a call is told from")


class Heir(Identity):
    """organisation.toml of an organisation that takes from another one what it does not state itself."""

    inherits: Key
    schedule: Schedule | None = None
    retention: Retention | None = None
    lines: tuple[Line, ...] = ()
    roles: tuple[Role, ...] = ()
    lacks: Words | None = None
    others: tuple[Other, ...] = ()


class PolicyArea(Section):
    """A field of the organisation's policy. `confusers` are senses that look like it and are not."""

    id: Key
    name: Text
    basis: str
    lines: tuple[Key, ...] = ()
    sdgs: tuple[Annotated[int, Field(ge=1, le=17)], ...] = Field(
        default=(), description="Sustainable Development Goals that the organisation ties to it"
    )
    keywords: Words
    eurovoc: tuple[str, ...] = ()
    confusers: tuple[str, ...] = ()


class Project(Section):
    """Something the organisation did, does or presented, that a call may continue."""

    id: Key
    name: Name
    kind: Literal["competitive", "award", "group", "erdf", "next_generation", "standing"]
    programme: str = ""
    grant_agreement: str = ""
    start: str = Field(default="", pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")
    end: str = Field(default="", pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")
    role: str = ""
    budget_eur: float | None = Field(default=None, ge=0)
    grant_eur: float | None = Field(default=None, ge=0)
    own_budget_eur: float | None = Field(default=None, ge=0)
    own_grant_eur: float | None = Field(default=None, ge=0)
    areas: tuple[Key, ...] = Field(min_length=1)
    summary: str
    partners: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


Written = Annotated[
    tuple[Wording, ...], Field(description="as calls write it, in any language; none: as its name is")
]


Geography = Literal["europe", "mediterranean", "latin_america", "asia", "north_america", "africa"]


class Link(Section):
    """A programme through which a partner can take part together with the organisation."""

    programme: str
    valid_from: date | None = None
    valid_to: date | None = None


class Partner(Section):
    """A metropolis that the plan names."""

    id: Key
    name: Name
    written: Written = ()
    country: Country
    region: str = ""
    geography: Geography
    tier: Literal["priority", "intensify", "encourage", "named"]
    programmes: tuple[Link, ...] = ()


class Network(Section):
    """A network that the organisation belongs to."""

    id: Key
    name: Name
    written: Written = ()
    country: Country
    place: str
    use: str


class Source(Section):
    """A portal and the terms on which it may be read. Switched off only with a reason, and for good when `forbidden`."""

    key: Key
    name: str
    address: Address
    page: Address
    access: str
    terms: str
    robots: str
    cadence: Literal["daily", "weekly"]
    enabled: bool
    forbidden: bool = Field(default=False, description="its robots.txt or its terms rule out that it is read")
    reason: str = ""
    verified: bool = Field(
        default=True,
        description="a recorded answer is read as it is; otherwise it takes a check of the portal",
    )
    terms_page: Address | None = Field(default=None, description="where its terms can be read")
    delay: float = Field(default=1.0, ge=0.2, le=120, description="seconds between two requests to its host")

    @model_validator(mode="after")
    def _reason_when_off(self) -> "Source":
        if self.enabled and self.forbidden:
            raise ValueError(f"it cannot be switched on: {self.reason}")
        if not self.enabled and not self.reason:
            raise ValueError("a source that is switched off says why: set `reason`")
        return self


class Officer(Section):
    """Who gets a digest, in which language, how often, and on which calls: an empty list asks for nothing."""

    id: Key
    name: Name
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    language: Language
    cadence: Literal["weekly", "daily", "instant"] = "weekly"
    areas: tuple[Key, ...] = ()
    lines: tuple[Key, ...] = Field(
        default=(), description="strategic lines, through the areas that serve them"
    )
    geography: tuple[Geography, ...] = Field(default=(), description="where partners or beneficiaries are")
    languages: tuple[Language, ...] = Field(default=(), description="languages that a call may be written in")
    kinds: tuple[Key, ...] = Field(default=(), description="kinds of call: store.records.CallRecord")
    minimum: float = Field(default=85.0, ge=0, le=100, description="share of all calls that must rank below")
    instant_from: float = Field(default=97.0, ge=0, le=100, description="the same for a mail at once")
    horizon: int = Field(
        default=183, gt=0, le=730, description="days before its opening that a call is told of"
    )
    limit: int = Field(default=12, gt=0, le=100)
    role: Literal["officer", "reader"] = Field(
        default="officer", description="in the review: a reader sees everything and changes nothing"
    )


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"`{pattern}` is not a regular expression: {error}") from error
    return pattern


def _in_lower_case(words: str) -> str:
    if words != words.lower():
        raise ValueError(f"`{words}` must be in lower case: it is looked for whatever the case")
    return words


def _not_reserved(key: str) -> str:
    if key == "decision":
        raise ValueError("`decision` stands for a person's decision, which is no rule")
    return key


Pattern = Annotated[str, AfterValidator(_compiles)]
"""A regular expression, searched whatever the case."""
FieldOfCall = Literal[
    "identifier",
    "type_of_action",
    "title",
    "kind",
    "programme",
    "conditions",
    "applicants",
    "countries",
    "regions",
]
"""Where a rule looks. `conditions` are the conditions, the applicants, and the parts of the text that may speak of them."""


class Rule(Section):
    """An eligibility rule: where it looks, for what, and what it then says. `evidence` is its source."""

    id: Annotated[Key, AfterValidator(_not_reserved)]
    verdict: Literal["not_open", "unlikely", "open"]
    field: FieldOfCall
    pattern: Pattern
    mentions: tuple[Annotated[str, AfterValidator(_in_lower_case)], ...] = Field(
        default=(),
        description="one of these stands wherever the pattern can be met: looked for first, to be quick",
    )
    unless: Pattern = Field(default="", description="what stops the rule where it stands in the same field")
    where: dict[FieldOfCall, Pattern] = Field(default={}, description="what other fields must say as well")
    reason: Text
    role: Literal["lead", "partner", "pilot", "buyer", "forward", ""] = ""
    evidence: Annotated[str, Field(min_length=1)]


class ProgrammeRule(Section):
    """What a programme asks of a consortium and pays as a rule, for calls that do not say it themselves."""

    id: Key
    field: Literal["identifier", "type_of_action", "title", "programme"]
    pattern: Pattern
    min_partners: int | None = Field(default=None, ge=2, le=50)
    min_countries: int | None = Field(default=None, ge=2, le=50)
    funding_rate: int | None = Field(default=None, gt=0, le=100, description="per cent, for a public body")
    evidence: Annotated[str, Field(min_length=1)]
