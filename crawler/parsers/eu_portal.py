"""A result of the EU Funding & Tenders Portal's search API as a call.

The fields and their traps are described in docs/sources/eu_portal.md. Every function here is pure.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from crawler.parsers.eu_budget import Budget, parse_budget
from crawler.parsers.eu_codes import PROGRAMMES, STATUSES
from crawler.text import LONGEST_MARKUP, clip, plain_line, plain_text, without_controls
from store.records import CallRecord, DeadlineModel, DeadlineRecord, Kind, Status

SOURCE = "eu_portal"
GRANT_TOPIC, EXTERNAL_ACTION, CASCADE = "1", "2", "8"
BRUSSELS = "Europe/Brussels"
TOPIC_CLOSES = time(17, 0)
"""Topics close at 17:00 Brussels time by the portal's rule; the times in the rows are artefacts."""
YEARS = range(1980, 2200)
"""Years that a date of a call can bear; others are slips of a keyboard."""

TOPIC_PAGE = (
    "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
)
_TRANSLATION = re.compile(
    r"^(?P<key>\d+(?:TOPICS|COMPETITIVE_CALL|PROSPECTS|TENDERS?))(?P<language>[A-Za-z]{2})$"
)

Fields = Mapping[str, Any]


def fields_of(result: Fields) -> Fields:
    """Where the fields of a row stand: some cascade calls have no `metadata` and carry them at top level."""
    metadata = result.get("metadata")
    return metadata if metadata and isinstance(metadata, dict) else result


def values(fields: Fields, name: str) -> list[str]:
    """The values of a field as clean strings: they come as lists, scalars, numbers, or JSON within a string."""
    raw = fields.get(name)
    found: list[str] = []
    for item in raw if isinstance(raw, list) else [raw]:
        text = _clean(item)
        within = _json(text) if text.startswith('["') and text.endswith("]") else None
        found.extend(map(_clean, within) if isinstance(within, list) else [text])
    return [text for text in found if text]


def _clean(item: Any) -> str:
    """A text or number as a string; what is neither says nothing."""
    return without_controls(str(item)).strip() if isinstance(item, str | int | float) else ""


def first(fields: Fields, name: str) -> str:
    return next(iter(values(fields, name)), "")


def source_key(result: Fields) -> str:
    """The reference, whose last two letters are the language: a translation has the key of the English row."""
    reference = first(result, "reference") or first(fields_of(result), "REFERENCE")
    match = _TRANSLATION.match(reference)
    if match is None:
        return reference
    return match["key"] + ("EN" if match["language"].isupper() else "en")


def language_of(result: Fields) -> str:
    return (first(result, "language") or first(fields_of(result), "language") or "en").lower()[:2]


def is_stale_copy(result: Fields) -> bool:
    """Rows of an older index that the portal still serves, open for ever."""
    return "CENTRICITY" in first(fields_of(result), "DATASOURCE")


def programme_counts(body: bytes) -> dict[str, int]:
    """The programmes of a facet answer and how many rows each has; empty when it cannot be read as one."""
    try:
        facets = json.loads(body)["facets"]
        return {
            str(value["rawValue"]): int(value.get("count") or 0)
            for facet in facets
            if facet.get("name") == "frameworkProgramme"
            for value in facet["values"]
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def to_record(result: Fields, source: str = SOURCE) -> CallRecord:
    """One search result as a CallRecord. Raises pydantic.ValidationError, a ValueError, for what is no call."""
    fields = fields_of(result)
    type_code = first(fields, "type")
    language = language_of(result)
    notices: list[str] = []
    budget = parse_budget(fields, first(fields, "identifier"), notices)
    deadlines = _parse_deadlines(fields, type_code, budget, notices)
    return CallRecord(
        source=source,
        source_key=source_key(result),
        kind=_parse_kind(fields, type_code),
        identifiers=tuple(values(fields, "identifier")),
        call_identifier=first(fields, "callIdentifier"),
        titles={language: _parse_title(result, fields, type_code)},
        call_title="" if type_code == CASCADE else plain_line(first(fields, "callTitle")),
        texts=_text(fields, language, ("descriptionByte", "description", "furtherInformation"), notices),
        conditions=_text(fields, language, ("topicConditions", "beneficiaryAdministration"), notices),
        destination=plain_text(first(fields, "destinationDescription"))[:2_000],
        programme=PROGRAMMES.get(first(fields, "frameworkProgramme"), ""),
        programme_code=first(fields, "frameworkProgramme"),
        types_of_action=_lines(fields, "typesOfAction"),
        status=STATUSES.get(first(fields, "status"), Status.UNKNOWN),
        opening=_parse_opening(fields),
        deadline_model=_parse_model(fields, budget, deadlines),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        budget_cents=budget.total,
        grant_min_cents=budget.smallest,
        grant_max_cents=budget.largest,
        expected_grants=budget.grants,
        currency=budget.currency,
        geographical_zones=_lines(fields, "geographicalZones"),
        keywords=_parse_keywords(fields),
        page=_parse_page(result, fields, type_code),
        notices=tuple(notices),
    )


def _parse_kind(fields: Fields, type_code: str) -> Kind:
    if type_code == CASCADE:
        return Kind.CASCADE
    return Kind.PRIZE if "prize" in first(fields, "typesOfAction").lower() else Kind.CALL


def _parse_title(result: Fields, fields: Fields, type_code: str) -> str:
    # The `title` of a cascade call is its parent topic's.
    own = first(fields, "callTitle") if type_code == CASCADE else first(fields, "title")
    return plain_line(own) or plain_line(first(result, "summary"))


def _lines(fields: Fields, name: str) -> tuple[str, ...]:
    return tuple(line for value in values(fields, name) if (line := plain_line(value)))


def _text(fields: Fields, language: str, names: tuple[str, ...], notices: list[str]) -> dict[str, str]:
    stated = [value for name in names for value in values(fields, name)]
    text, clipped = clip("\n\n".join(part for value in stated if (part := plain_text(value))))
    if clipped or any(len(value) > LONGEST_MARKUP for value in stated):
        notices.append("text_clipped")
    return {language: text} if text else {}


def _parse_opening(fields: Fields) -> date | None:
    day = _parse_day(first(fields, "startDate"))
    return day or next((_parse_day(first(action, "plannedOpeningDate")) for action in _actions(fields)), None)


def _parse_deadlines(
    fields: Fields, type_code: str, budget: Budget, notices: list[str]
) -> tuple[DeadlineRecord, ...]:
    stated = values(fields, "deadlineDate") or [
        day for action in _actions(fields) for day in values(action, "deadlineDates")
    ]
    two_stage = _model_stated(fields, budget) is DeadlineModel.TWO_STAGE
    found = sorted({_parse_deadline(text, type_code) for text in stated}, key=_chronological)
    if any(deadline.day is None for deadline in found):
        notices.append("deadline_unreadable")
    return tuple(
        deadline.model_copy(update={"stage": stage if two_stage else None})
        for stage, deadline in enumerate(found, start=1)
    )


def _chronological(deadline: DeadlineRecord) -> tuple[date, time, str]:
    return deadline.day or date.max, deadline.at or time.max, deadline.prose


def _parse_deadline(text: str, type_code: str) -> DeadlineRecord:
    moment = _parse_moment(text)
    if moment is None:
        day = _parse_day(text)
        at = TOPIC_CLOSES if day is not None and type_code == GRANT_TOPIC else None
        return DeadlineRecord(day=day, at=at, prose=text)
    if type_code == GRANT_TOPIC:
        return DeadlineRecord(day=moment.date(), at=TOPIC_CLOSES)
    if type_code == EXTERNAL_ACTION:  # the only kind whose times are instants; their seconds jitter
        moment = moment.astimezone(ZoneInfo(BRUSSELS))
    return DeadlineRecord(day=moment.date(), at=moment.time().replace(second=0, microsecond=0, tzinfo=None))


def _parse_moment(text: str) -> datetime | None:
    """`2026-09-15T17:00:00.000+0000` as an aware datetime; None for anything else, such as one without a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year in YEARS else None


def _parse_day(text: str) -> date | None:
    """The day of a timestamp, of `2026-09-15` or of `15 September 2026`; None for anything else."""
    for pattern, part in (("%Y-%m-%d", text[:10]), ("%d %B %Y", text)):
        try:
            day = datetime.strptime(part, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return day if day.year in YEARS else None
    return None


def _model_stated(fields: Fields, budget: Budget) -> DeadlineModel:
    stated_by_actions = [action.get("submissionProcedure") for action in _actions(fields)]
    procedures = [
        first(procedure, "abbreviation") for procedure in stated_by_actions if isinstance(procedure, dict)
    ]
    for stated in (first(fields, "deadlineModel"), budget.deadline_model, *procedures):
        if stated in list(DeadlineModel):
            return DeadlineModel(stated)
    return DeadlineModel.UNKNOWN


def _parse_model(fields: Fields, budget: Budget, deadlines: tuple[DeadlineRecord, ...]) -> DeadlineModel:
    stated = _model_stated(fields, budget)
    if stated is DeadlineModel.UNKNOWN and len(deadlines) > 1:
        return DeadlineModel.MULTIPLE_CUT_OFF
    return stated


def _parse_keywords(fields: Fields) -> tuple[str, ...]:
    codes = {*values(fields, "identifier"), *values(fields, "callIdentifier")}
    words = values(fields, "keywords") + values(fields, "tags")
    lines = [plain_line(word)[:200].strip() for word in words if word not in codes]
    return tuple(dict.fromkeys(line for line in lines if line))


def _parse_page(result: Fields, fields: Fields, type_code: str) -> str:
    identifier = first(fields, "identifier")
    if type_code == GRANT_TOPIC and identifier:
        return TOPIC_PAGE + quote(identifier)
    return first(result, "url") or first(fields, "url")


def _actions(fields: Fields) -> list[dict[str, Any]]:
    """The `actions` field: JSON within a string."""
    found = _json(first(fields, "actions"))
    return [action for action in found if isinstance(action, dict)] if isinstance(found, list) else []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
