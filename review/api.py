"""The API for programs: calls and how they stand to the organisation, read-only, a token for each program.

It answers with the calls of `funding export json`, in their order and by the same names (`notifier.common_grants`).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlmodel import Session
from starlette.exceptions import HTTPException

from config.organisation import Organisation
from notifier.common_grants import write_json
from notifier.items import Item
from notifier.scope import Scope
from notifier.words import Words
from review.api_models import CallAnswer, CallPage, Invalid, Match, MatchAnswer, MatchPage, Problem, Search
from review.call_ids import CallIds
from review.conditional import conditional
from review.listing import listed_page, rank_of, read_listed
from review.loading import read_item
from review.problems import DETAILS, MEDIA_TYPE
from review.rendering import VERSION
from review.site import Site, TheSite, TheVisitor
from store.access import Access, find_token
from store.clients import is_noted, note_use

FIELDS_OF_MATCH = tuple(
    field.alias or name
    for name, field in Match.model_fields.items()
    if name not in ("id", "title", "last_modified_at")
)
ABOUT = "Funding calls, and how they stand to the organisation: read-only, by the names of CommonGrants."
CHALLENGE = {"WWW-Authenticate": "Bearer"}
REFUSAL_HEADERS = {HTTPStatus.UNAUTHORIZED: "WWW-Authenticate", HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After"}
Answers = dict[int | str, dict[str, Any]]


def _refusals(*statuses: HTTPStatus) -> Answers:
    """Problems as FastAPI describes them."""
    return {status: _refusal(status) for status in statuses}


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    model = Invalid if status is HTTPStatus.UNPROCESSABLE_ENTITY else Problem
    described: dict[str, Any] = {"model": model, "description": DETAILS[status]}
    if header := REFUSAL_HEADERS.get(status):
        described["headers"] = {header: {"schema": {"type": "string"}, "required": True}}
    return described


REFUSALS = _refusals(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
UNKNOWN = _refusals(HTTPStatus.NOT_FOUND)
SAME: Answers = {HTTPStatus.NOT_MODIFIED: {"description": "It is as If-None-Match names it"}}
bearer = HTTPBearer(auto_error=False, description="What `funding clients add` printed")


def admit(
    site: TheSite, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """Let programs in by their token alone: a browser that is signed in has no business here."""
    token = credentials.credentials if credentials else ""
    now, organisation = site.clock(), site.organisation.key
    with site.database.reading() as session:
        client = find_token(session, organisation, Access.PROGRAM, token, now)
    if client is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, headers=CHALLENGE)
    if not is_noted(client, now):
        with site.database.writing() as session:
            note_use(session, client, now)


router = APIRouter()
guarded = APIRouter(prefix="/api", dependencies=[Depends(admit)], responses=REFUSALS | SAME)


@guarded.get("/calls", response_model=CallPage)
def calls(
    request: Request, site: TheSite, visitor: TheVisitor, search: Annotated[Search, Query()]
) -> Response:
    """The live calls, the best first; at the end those that a rule excludes."""
    now = site.clock()
    with site.database.reading() as session:
        found = _page(session, site.organisation, visitor.words, search, now)
    return _answer(request, visitor.words, CallPage.model_validate(found))


@guarded.get("/calls/{id}", response_model=CallAnswer, responses=UNKNOWN)
def call(request: Request, site: TheSite, visitor: TheVisitor, id: UUID) -> Response:  # noqa: A002  a name of the standard
    """A call, be it live or closed."""
    found = _named(request, site, visitor.words, id)
    return _answer(request, visitor.words, CallAnswer.model_validate({"data": found}))


@guarded.get("/matches", response_model=MatchPage)
def matches(
    request: Request, site: TheSite, visitor: TheVisitor, search: Annotated[Search, Query()]
) -> Response:
    """How the live calls stand to the organisation, the best first; at the end those that a rule excludes."""
    now = site.clock()
    with site.database.reading() as session:
        found = _page(session, site.organisation, visitor.words, search, now)
    found["items"] = [_match(one) for one in found["items"]]
    return _answer(request, visitor.words, MatchPage.model_validate(found))


@guarded.get("/matches/{id}", response_model=MatchAnswer, responses=UNKNOWN)
def match(request: Request, site: TheSite, visitor: TheVisitor, id: UUID) -> Response:  # noqa: A002  a name of the standard
    """How a call stands to the organisation; `id` is the call's."""
    found = _match(_named(request, site, visitor.words, id))
    return _answer(request, visitor.words, MatchAnswer.model_validate({"data": found}))


router.include_router(guarded)


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI of the API, and of nothing else that is served here."""
    described = get_openapi(
        title="funding-tracker", version=VERSION, description=ABOUT, routes=guarded.routes
    )
    for answer in _refused(described):
        # FastAPI knows one media type for all answers of a route.
        answer["content"] = {MEDIA_TYPE: answer["content"].pop("application/json")}
    return described


def _refused(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in described["paths"].values():
        for operation in path.values():
            yield from (answer for status, answer in operation["responses"].items() if int(status) in DETAILS)


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """Open to everybody: it says what could be asked, and nothing of what is stored."""
    return conditional(request, json.dumps(schema()).encode(), "application/json")


def _page(
    session: Session, organisation: Organisation, words: Words, search: Search, now: datetime
) -> dict[str, Any]:
    found = listed_page(session, organisation, search, now)
    items = read_listed(session, organisation, found.calls, now)
    return {
        "items": _written(items, words, organisation, now),
        "paginationInfo": {
            "page": search.page,
            "pageSize": search.page_size,
            "totalItems": found.total,
            "totalPages": -(-found.total // search.page_size),
        },
    }


def _named(request: Request, site: Site, words: Words, wanted: UUID) -> dict[str, Any]:
    """The call with the id `wanted`, as in a list if it stands there. Raises HTTPException."""
    now, organisation = site.clock(), site.organisation
    with site.database.reading() as session:
        call = _ids_of(request, organisation).find(session, wanted)
        if call is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        item = read_item(session, organisation, call, now)
        ranked = replace(item, rank=rank_of(session, organisation, call, now))
        (written,) = _written([ranked], words, organisation, now)
    return written


def _ids_of(request: Request, organisation: Organisation) -> CallIds:
    kept = request.app.state
    if not hasattr(kept, "call_ids"):
        kept.call_ids = CallIds(organisation)
    found: CallIds = kept.call_ids
    return found


def _written(
    items: Iterable[Item], words: Words, organisation: Organisation, now: datetime
) -> list[dict[str, Any]]:
    scope = Scope("all", organisation.profile.name, tuple(items), ())
    written: list[dict[str, Any]] = json.loads(write_json(scope, words, organisation, now))["items"]
    return written


def _match(opportunity: dict[str, Any]) -> dict[str, Any]:
    fields = opportunity["customFields"]
    common = {name: opportunity[name] for name in ("id", "title", "lastModifiedAt")}
    return common | {name: fields[name]["value"] for name in FIELDS_OF_MATCH if name in fields}


def _answer(request: Request, words: Words, answer: BaseModel) -> Response:
    content = answer.model_dump_json(by_alias=True, exclude_none=True).encode()
    headers = {"Content-Language": words.language, "Vary": "Accept-Language"}
    return conditional(request, content, "application/json", headers)
