"""The World Bank's search for procurement notices again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

CAP = 1_000
"""Rows of a page, whatever was asked."""
DEFAULT_FIELDS = (
    "id",
    "notice_type",
    "noticedate",
    "notice_lang_name",
    "notice_status",
    "submission_deadline_date",
    "submission_deadline_time",
    "project_ctry_name",
    "project_id",
    "project_name",
    "bid_reference_no",
    "bid_description",
    "procurement_group",
    "procurement_method_code",
    "procurement_method_name",
    "submission_date",
    "notice_text",
)
"""What a request without `fl` gets: no title and no amount among them."""
INSTANTS = ("submission_deadline_date", "submission_date", "api_modified_date")
PRINTED = "%d-%b-%Y"


def create_app(records: Sequence[Record]) -> Starlette:
    """The search with these notices. `app.state.requests` lists what it was asked. Unknown parameters are ignored."""

    async def notices(request: Request) -> Response:
        return JSONResponse(answer(records, request.query_params))

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    requests: list[Seen] = []
    app = Starlette(
        routes=[Route("/api/v2/procnotices", notices), Route("/robots.txt", robots)],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def answer(records: Sequence[Record], asked: Any) -> dict[str, Any]:
    """A page of notices. Some of its numbers are texts, as the portal has them."""
    size, offset = min(_number(asked.get("rows"), 10), CAP), _number(asked.get("os"), 0)
    fields = [field for field in (asked.get("fl") or "").split(",") if field] or DEFAULT_FIELDS
    rows = list(records)
    if asked.get("srt") == "noticedate":
        rows.sort(key=printed_day, reverse=asked.get("order") == "desc")
    shown = rows[offset : offset + size]
    return {
        "rows": len(shown),
        "os": str(offset),
        "page": str(offset // size + 1 if size else 1),
        "total": str(len(rows)),
        "procnotices": [{field: row[field] for field in fields if field in row} for row in shown],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def printed_day(record: Record) -> date:
    return datetime.strptime(record["noticedate"], PRINTED).replace(tzinfo=UTC).date()


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later, in the format it had."""
    return [record | _moved(record, days) for record in records]


def _moved(record: Record, days: int) -> Record:
    later = timedelta(days)
    moved: Record = {
        field: f"{date.fromisoformat(record[field][:10]) + later}{record[field][10:]}"
        for field in INSTANTS
        if record.get(field, "")[:2] == "20"
    }
    return moved | {"noticedate": (printed_day(record) + later).strftime(PRINTED)}
