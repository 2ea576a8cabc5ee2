"""The EU Funding & Tenders Portal's search again, with its rules and, on request, its faults."""

import json
import re
import sys
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import RECORDS, Record
from crawler.replicas.serving import RequestLog, Seen

API_VERSION = "2.154"
KEY = "SEDIA"
CAP = 100
"""Rows of a page, whatever was asked."""
WINDOW = 10_000
"""Rows of a query, counted from the first, that can be paged through."""
TRANSLATIONS = ("es", "fr")
"""Languages that every English record is answered in too, unless others are asked."""

NEVER: Container[int] = frozenset()
ALWAYS: Container[int] = range(1, sys.maxsize)
ALLOW_ALL = "User-agent: *\nAllow: /\n"


@dataclass(frozen=True)
class Faults:
    """What goes wrong. The collections name search requests by their number, from 1: `{2}`, `range(1, 4)`, ALWAYS."""

    rate_limited: Container[int] = NEVER
    retry_after: int = 1
    unavailable: Container[int] = NEVER
    empty: Container[int] = NEVER
    truncated: Container[int] = NEVER
    login_page: Container[int] = NEVER
    facets_unavailable: bool = False
    repeats_first_page: bool = False
    withheld: int = 0
    """Rows at the end that are counted but never answered."""
    stale: int = 0
    """Copies of grant topics in the old index, under other references and open."""
    foreign: int = 0
    """Closed tenders among the rows, whatever was asked."""
    untyped_part: Literal["ignored", "error"] = "ignored"
    """What becomes of a part without file name or JSON content type: passed over, or the request answers 500."""
    robots: str = ALLOW_ALL
    robots_status: int = 200


class QueryError(ValueError):
    """A query that the portal does not understand."""


def create_app(records: Sequence[Record], faults: Faults = Faults()) -> Starlette:
    """The portal with these records. `app.state.requests` lists what it was asked, as `Seen`.

    Assumed where the portal's answer is not known: 401 for a wrong key, 400 beyond the window. `text` is not searched.
    """
    portal = _Portal(records, faults)
    requests: list[Seen] = []
    app = Starlette(
        routes=[
            Route("/search-api/prod/rest/search", portal.search, methods=["POST"]),
            Route("/search-api/prod/rest/facet", portal.facet, methods=["POST"]),
            Route("/robots.txt", portal.robots),
        ],
        middleware=[Middleware(RequestLog, seen=requests)],
        exception_handlers={HTTPException: _refuse},
    )
    app.state.requests = requests
    return app


class _Portal:
    def __init__(self, records: Sequence[Record], faults: Faults) -> None:
        topics = [record for record in records if "1" in values_of(record, "type")]
        self.records = [*records, *(stale_copy(record) for record in topics[: faults.stale])]
        self.foreign = [foreign_row(record) for record in records[: faults.foreign]]
        self.faults = faults
        self.searches = 0

    async def search(self, request: Request) -> Response:
        self.searches += 1
        faults, number = self.faults, self.searches
        if number in faults.rate_limited:
            raise HTTPException(429, "Too many requests", {"Retry-After": str(faults.retry_after)})
        if number in faults.unavailable:
            raise HTTPException(500, "Internal error")
        if number in faults.login_page:
            return HTMLResponse("<!doctype html><title>EU Login</title><h1>Sign in to continue</h1>")
        _check_key(request)
        page, size = _number(request, "pageNumber", 1), min(_number(request, "pageSize", 10), CAP)
        if page * size > WINDOW:
            raise HTTPException(400, f"Result window is too large: at most {WINDOW} rows")
        parts = await _read_parts(request, faults)
        rows = [] if number in faults.empty else [*self._select(parts), *self.foreign]
        sort = parts.get("sort")
        shown = sort_rows(rows, sort) if sort else rows
        shown = shown[: max(len(shown) - faults.withheld, 0)]
        response = JSONResponse(
            {
                "apiVersion": API_VERSION,
                "terms": request.query_params.get("text"),
                "responseTime": 1,
                "totalResults": len(rows),
                "pageNumber": page,
                "pageSize": size,
                "sort": f"{sort['field']}:{sort.get('order', 'ASC')}" if sort else "relevance",
                "groupByField": None,
                "queryLanguage": {"language": "en", "probability": 0.0},
                "bestBets": [],
                "warnings": [],
                "results": page_of(shown, 1 if faults.repeats_first_page else page, size),
            }
        )
        if number in faults.truncated:
            half = bytes(response.body)[: len(response.body) // 2]
            return Response(half, media_type="application/json")
        return response

    async def facet(self, request: Request) -> Response:
        if self.faults.facets_unavailable:
            raise HTTPException(500, "Internal error")
        _check_key(request)
        rows = self._select(await _read_parts(request, self.faults))
        return JSONResponse(
            {
                "apiVersion": API_VERSION,
                "terms": request.query_params.get("text"),
                "responseTime": 1,
                "facets": facets_of(rows, _LABELS),
            }
        )

    async def robots(self, _: Request) -> Response:
        return PlainTextResponse(self.faults.robots, self.faults.robots_status)

    def _select(self, parts: dict[str, Any]) -> list[Record]:
        query = parts.get("query", {})
        try:
            found = [record for record in self.records if matches(record, query)]
        except QueryError as error:
            raise HTTPException(400, str(error)) from error
        return list(in_languages(found, parts.get("languages")))


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = {"apiVersion": API_VERSION, "status": error.status_code, "message": error.detail}
    return JSONResponse(body, error.status_code, error.headers)


def _check_key(request: Request) -> None:
    if request.query_params.get("apiKey") != KEY:
        raise HTTPException(401, "The API key is missing or unknown")


def _number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdecimal() or not int(value):
        raise HTTPException(400, f"{name} must be a number from 1")
    return int(value)


async def _read_parts(request: Request, faults: Faults) -> dict[str, Any]:
    """The JSON of the form's parts by name, without those that do not say that they are JSON."""
    parts = {}
    async with request.form() as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile) and (part.content_type or "").startswith("application/json"):
                try:
                    parts[name] = json.loads(await part.read())
                except ValueError as error:
                    raise HTTPException(500, f"The part {name} is not JSON") from error
            elif faults.untyped_part == "error":
                raise HTTPException(500, f"The part {name} is not JSON")
    expected = {"query": dict, "languages": list, "sort": dict}
    if any(name in parts and not isinstance(parts[name], kind) for name, kind in expected.items()):
        raise HTTPException(500, "A part is not of the type expected")
    if "sort" in parts and "field" not in parts["sort"]:
        raise HTTPException(500, "The sort names no field")
    return parts


# Selecting


def values_of(record: Record, field: str) -> list[str]:
    """What a record says in a field. Some cascade calls have no `metadata`: their fields are at top level."""
    value = record.get("metadata", record).get(field)
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def matches(record: Record, query: Any) -> bool:
    """Whether a record is asked for. `{}` asks for all; a clause other than bool, term, terms, range: QueryError."""
    if not isinstance(query, dict) or len(query) > 1:
        raise QueryError("A query is an object of one clause")
    return all(_matches_clause(record, name, clause) for name, clause in query.items())


def _matches_clause(record: Record, name: str, clause: Any) -> bool:
    if not isinstance(clause, dict):
        raise QueryError(f"[{name}] is an object")
    if name == "bool":
        if unknown := clause.keys() - {"must", "must_not"}:
            raise QueryError(f"[bool] does not support {sorted(unknown)}")
        return all(matches(record, part) for part in _several(clause.get("must", []))) and not any(
            matches(record, part) for part in _several(clause.get("must_not", []))
        )
    if name not in _TESTS or len(clause) != 1:
        raise QueryError(f"[{name}] is not supported, or does not name one field")
    field, wanted = next(iter(clause.items()))
    return _TESTS[name](values_of(record, field), wanted)


def _several(clauses: Any) -> list[Any]:
    return clauses if isinstance(clauses, list) else [clauses]


def _is_one_of(values: list[str], wanted: Any) -> bool:
    if not isinstance(wanted, list):
        raise QueryError("[terms] takes a list")
    return not {str(value) for value in wanted}.isdisjoint(values)


def _is(values: list[str], wanted: Any) -> bool:
    return str(wanted["value"] if isinstance(wanted, dict) else wanted) in values


def _is_within(values: list[str], bounds: Any) -> bool:
    if not isinstance(bounds, dict) or bounds.keys() - _COMPARISONS.keys():
        raise QueryError("[range] takes gte, gt, lte, lt")
    limits = [(_COMPARISONS[name], _moment(str(bound))) for name, bound in bounds.items()]
    if any(limit is None for _, limit in limits):
        return bool(values)  # the portal's own odd rule: a bare date only asks for a value
    moments = [moment for value in values if (moment := _moment(value)) is not None]
    return any(all(holds(moment, limit) for holds, limit in limits) for moment in moments)


_TESTS = {"terms": _is_one_of, "term": _is, "range": _is_within}
_COMPARISONS: dict[str, Any] = {
    "gte": datetime.__ge__,
    "gt": datetime.__gt__,
    "lte": datetime.__le__,
    "lt": datetime.__lt__,
}
_FULL_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}")


def _moment(value: str) -> datetime | None:
    if not _FULL_MOMENT.fullmatch(value):
        return None
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")


def in_languages(records: Iterable[Record], languages: list[str] | None) -> Iterator[Record]:
    """A row for each record in each of the languages; None: in all that there are."""
    for record in records:
        versions = [record, *(translate(record, language) for language in _missing_from(record, languages))]
        yield from (row for row in versions if languages is None or row.get("language") in languages)


def _missing_from(record: Record, languages: list[str] | None) -> list[str]:
    own = record.get("language")
    if own != "en" or not str(record["reference"]).lower().endswith(own):
        return []
    return [language for language in TRANSLATIONS if languages is None or language in languages]


def translate(record: Record, language: str) -> Record:
    """The row of the same record in another language: only its reference and its language differ here."""
    reference = str(record["reference"])
    suffix = language.upper() if reference.endswith("EN") else language
    return _changed(record, reference[:-2] + suffix, language=language)


def _changed(record: Record, reference: str, **fields: str) -> Record:
    """A copy under another reference, with other values of these fields wherever the record bears fields."""
    copy = {**record, "reference": reference}
    if "language" in fields:
        copy["language"] = fields["language"]
    if "metadata" in record:
        lists = {name: [value] for name, value in fields.items()}
        copy["metadata"] = {**record["metadata"], **lists, "REFERENCE": [reference]}
        return copy
    return {**copy, **fields}


# Ordering, paging, counting


def sort_rows(rows: Sequence[Record], sort: dict[str, Any]) -> list[Record]:
    """The rows by the first value of a field, without those that lack it: the portal drops them in silence."""
    keyed = [(values[0], row) for row in rows if (values := values_of(row, str(sort["field"])))]
    keyed.sort(key=lambda pair: pair[0], reverse=str(sort.get("order", "ASC")).upper() == "DESC")
    return [row for _, row in keyed]


def page_of(rows: Sequence[Record], number: int, size: int) -> list[Record]:
    return list(rows[(number - 1) * size : number * size])


def facets_of(rows: Sequence[Record], labels: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """How many rows bear each code, most frequent first. A code without a label stands for itself."""
    facets = []
    for name, names in labels.items():
        counts = Counter(value for row in rows for value in set(values_of(row, name)))
        values = [
            {"apiVersion": API_VERSION, "rawValue": code, "value": names.get(code, code), "count": count}
            for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
        facets.append({"name": name, "rawName": name, "count": len(values), "values": values})
    return facets


_LABELS: dict[str, dict[str, str]] = json.loads((RECORDS / "eu_portal_labels.json").read_text("utf-8"))


# Rows that ought not to be there


def stale_copy(record: Record) -> Record:
    """The record as the old index still has it: open, under a reference of identifier, action and opening."""
    number = re.match(r"\d*", str(record["reference"]))
    action = "".join(values_of(record, "typesOfAction")[:1]).replace(" ", "")
    opening = _moment("".join(values_of(record, "startDate")[:1]))
    milliseconds = int(opening.timestamp() * 1000) if opening else 0
    copy = _changed(
        record,
        f"{number.group() if number else ''}{action or 'Action'}{milliseconds}",
        DATASOURCE="SEDIA_PRD_CENTRICITY",
        status="31094502",
    )
    copy["database"] = ""
    return copy


def foreign_row(record: Record) -> Record:
    return _changed(record, f"FOREIGN{record['reference']}", type="0", status="31094503")


# Moving the records in time

_DATE_FIELDS = ("startDate", "deadlineDate", "es_SortDate")
_JSON_FIELDS = ("budgetOverview", "actions")
_QUOTED_DATE = re.compile(r'(?<=")\d{4}-\d\d-\d\d(?=["T ])')


def shift_dates(records: Iterable[Record], days: int) -> list[Record]:
    """Copies with every date so many days later, in the format it had. Identifiers, titles, budget years stay."""
    moved = []
    for record in records:
        fields = record.get("metadata", record)
        changed = {name: _shifted(fields[name], days) for name in _DATE_FIELDS if name in fields}
        changed |= {name: _shifted_json(fields[name], days) for name in _JSON_FIELDS if name in fields}
        moved.append(record | ({"metadata": fields | changed} if "metadata" in record else changed))
    return moved


def _shifted(value: Any, days: int) -> Any:
    if isinstance(value, list):
        return [_shifted(item, days) for item in value]
    try:
        day = date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        return value  # no date: as the portal has it
    return f"{day + timedelta(days)}{value[10:]}"


def _shifted_json(value: Any, days: int) -> Any:
    if isinstance(value, list):
        return [_shifted_json(item, days) for item in value]
    if not isinstance(value, str):
        return value
    return _QUOTED_DATE.sub(lambda found: _shifted(found.group(), days), value)
