"""A source that answers JSON in pages: driven here without a network, one request after the other."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response, TextResponse
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from crawler.bases import paged
from crawler.bases.paged import PagedSpider
from crawler.bases.rows import Row
from crawler.details import Details
from store.records import CallRecord, Kind, Rejected, Status, digest

NOW = datetime(2026, 8, 22, 8, tzinfo=UTC)

Portal = Callable[[Any, int], Any]
"""What the portal answers for a query and a page: rows or anything else; an exception is raised as a failure."""


class Tiny(PagedSpider):
    name = "tiny"
    home = "https://example.org"
    page_size = 2
    asked: tuple[Any, ...] = ("all",)
    with_details = False

    def queries(self) -> list[Any]:
        return list(self.asked)

    def page_request(self, query: Any, page: int) -> Request:
        return Request(f"{self.address}/{query}/{page}")

    def rows_of(self, answer: Any) -> list[Row]:
        return answer["rows"]  # type: ignore[no-any-return]

    def total_of(self, answer: Any, response: Response) -> int | None:  # noqa: ARG002 - the form of the hook
        total: int | None = answer["total"]
        return total

    def is_as_asked(self, row: Row, query: Any) -> bool:
        return row.get("of") in (None, query)

    def key_of(self, row: Row) -> str:
        return str(row.get("key", ""))

    def is_call(self, row: Row) -> bool:
        return row.get("kind") != "award"

    def detail_request(self, row: Row) -> Request | None:
        return Request(f"{self.address}/details/{row['key']}") if self.with_details else None

    def merge_detail(self, row: Row, response: Response) -> Row:
        return {**row, **self.parsed_json(response)}

    def to_record(self, row: Row) -> CallRecord:
        return CallRecord(
            source=self.name,
            source_key=self.key_of(row),
            kind=Kind.CALL,
            titles={"en": row["title"]} if "title" in row else {},
            status=Status.OPEN,
            no_deadline="not stated",
            page="https://example.org/",
        )


def row(key: Any, **fields: Any) -> Row:
    return {"key": key, "title": f"Call {key}"} | fields


def pages(*rows: Row, total: int | None = -1, size: int = 2) -> Portal:
    """A portal with one query, that declares `total`: by itself, the number of its rows."""

    def answer(_: Any, page: int) -> Any:
        declared = len(rows) if total == -1 else total
        return {"rows": list(rows[page * size : (page + 1) * size]), "total": declared}

    return answer


class Drive:
    """A spider led through a portal: what it yielded, and the paths it asked."""

    def __init__(
        self,
        portal: Portal,
        details: dict[str, Any] | None = None,
        details_known: Details | None = None,
        **settings: Any,
    ) -> None:
        self.spider = Tiny.from_crawler(get_crawler(Tiny))
        for name, value in settings.items():
            setattr(self.spider, name, value)
        self.spider.with_details = details is not None
        self.spider.details = details_known or self.spider.details
        self.portal, self.details_of = portal, details or {}
        self.records: list[CallRecord] = []
        self.rejected: list[Rejected] = []
        self.paths: list[str] = []
        self.reading = self.spider.reading
        self._take(asyncio.run(self._begin()))

    async def _begin(self) -> list[Any]:
        return [item async for item in self.spider.start()]

    def _take(self, items: Any) -> None:
        waiting = list(items or ())
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, Request):
                waiting += list(self._answer(item) or ())
            else:
                (self.rejected if isinstance(item, Rejected) else self.records).append(item)

    def _answer(self, request: Request) -> Any:
        path = request.url.removeprefix("https://example.org/")
        self.paths.append(path)
        first, second = path.split("/")
        found = self.details_of.get(second) if first == "details" else self.portal(first, int(second))
        assert request.callback is not None
        assert request.errback is not None
        if isinstance(found, Exception):
            failure = Failure(found)  # type: ignore[no-untyped-call]
            failure.request = request  # type: ignore[attr-defined]
            return request.errback(failure)
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        response = TextResponse(request.url, body=body, request=request)
        return request.callback(response, **request.cb_kwargs)

    @property
    def keys(self) -> list[str]:
        return [record.source_key for record in self.records]

    @property
    def result(self) -> tuple[str, str, int, int | None]:
        reading = self.reading
        return reading.outcome, reading.error, reading.seen, reading.declared


def test_pages_until_the_declared_total() -> None:
    drive = Drive(pages(row("a"), row("b"), row("c")))
    assert (drive.keys, drive.paths) == (["a", "b", "c"], ["all/0", "all/1"])
    assert drive.result == ("ok", "", 3, 3)


def test_without_a_total_until_a_page_is_not_full() -> None:
    drive = Drive(pages(row("a"), row("b"), row("c"), total=None))
    assert (drive.paths, drive.result) == (["all/0", "all/1"], ("ok", "", 3, None))


def test_without_a_total_pages_that_repeat_end_it() -> None:
    drive = Drive(lambda _, __: {"rows": [row("a"), row("b")], "total": None})
    assert (drive.paths, drive.keys) == (["all/0", "all/1"], ["a", "b"])


def test_pages_that_never_end_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paged, "MOST_PAGES", 3)
    drive = Drive(lambda _, page: {"rows": [row(2 * page), row(2 * page + 1)], "total": None})
    assert (len(drive.paths), drive.result) == (3, ("partial", "incomplete", 6, None))


def test_no_rows_at_all_is_an_outcome_of_its_own() -> None:
    assert Drive(pages()).result == ("empty", "", 0, 0)


def test_empty_page_is_asked_again_then_said() -> None:
    drive = Drive(pages(row("a"), row("b"), total=5))
    assert drive.paths.count("all/1") > 1
    assert drive.result == ("partial", "incomplete", 2, 5)
    assert "2 of 5 rows" in drive.reading.detail


def test_page_that_repeats_is_no_new_page() -> None:
    drive = Drive(lambda _, __: {"rows": [row("a"), row("b")], "total": 100})
    assert (drive.paths, drive.result) == (["all/0", "all/1"], ("partial", "incomplete", 2, 100))


def test_row_that_moved_between_pages_is_found_by_a_second_look() -> None:
    looks: list[int] = []

    def portal(_: Any, page: int) -> Any:
        looks.append(page)
        shown = [["a", "b"], ["b", "c"]] if len(looks) < 3 else [["x", "a"], ["b", "c"]]
        return {"rows": [row(key) for key in shown[page]], "total": 4}

    drive = Drive(portal)
    assert (looks, sorted(drive.keys)) == ([0, 1, 0, 1], ["a", "b", "c", "x"])
    assert drive.result == ("ok", "", 4, 4)


def test_row_that_moved_up_because_another_left_is_found_by_a_second_look() -> None:
    looks: list[int] = []

    def portal(_: Any, page: int) -> Any:
        looks.append(page)
        shown = [["a", "b"], ["c", "d"]] if len(looks) == 1 else [["b", "c"], ["d"]]
        return {"rows": [row(key) for key in shown[page]], "total": 4 if len(looks) == 1 else 3}

    drive = Drive(portal)
    assert (looks, sorted(drive.keys)) == ([0, 1, 0, 1], ["a", "b", "c", "d"])
    assert drive.result == ("ok", "", 4, 4)


def test_row_lost_for_good_is_said() -> None:
    drive = Drive(lambda _, page: {"rows": [row("a"), row("b")] if page == 0 else [row("b")], "total": 3})
    assert drive.result == ("partial", "incomplete", 2, 3)


def test_two_rows_with_one_key_are_a_duplicate_and_not_a_gap() -> None:
    drive = Drive(pages(row("a"), row("a", title="Again"), row("b")))
    assert (drive.keys, drive.result) == (["a", "b"], ("ok", "", 2, 3))


def test_windows_that_overlap_are_read_to_their_ends() -> None:
    drive = Drive(pages(row("a"), row("b"), row("c"), row("d")), asked=("new", "old"))
    assert drive.paths == ["new/0", "new/1", "old/0", "old/1"]
    assert (drive.keys, drive.result) == (["a", "b", "c", "d"], ("ok", "", 4, 8))


def test_row_of_another_query_ends_the_run_before_any_is_stored() -> None:
    with pytest.raises(CloseSpider):
        Drive(pages(row("a"), row("b", of="another")))


@pytest.mark.parametrize(
    "answer",
    [
        b"<h1>Sign in</h1>",
        {"error": "x"},
        [],
        None,
        3,
        {"rows": {"a": 1}, "total": 1},
        {"rows": None, "total": 1},
    ],
)
def test_answer_of_another_form_is_unreadable(answer: Any) -> None:
    drive = Drive(lambda _, __: answer)
    assert drive.result == ("failed", "unreadable", 0, None)


def test_one_failed_window_does_not_end_the_others() -> None:
    good = pages(row("a"))
    drive = Drive(lambda query, page: OSError() if query == "1" else good(query, page), asked=("1", "2"))
    assert drive.result == ("partial", "unavailable", 1, 1)


def test_portal_that_is_down_is_left_alone() -> None:
    drive = Drive(lambda _, __: OSError(), asked=tuple("12345"))
    assert (drive.paths, drive.result) == (["1/0", "2/0", "3/0"], ("failed", "unavailable", 0, None))


def test_rows_that_are_no_calls_are_counted_only() -> None:
    drive = Drive(pages(row("a"), row("b", kind="award")))
    assert (drive.keys, drive.result) == (["a"], ("ok", "", 2, 2))


def test_rows_that_are_no_objects_are_a_fault() -> None:
    drive = Drive(pages(row("a"), "b"))  # type: ignore[arg-type]
    assert (drive.keys, drive.result) == (["a"], ("partial", "unreadable", 1, 2))


def test_each_row_without_a_key_is_set_aside() -> None:
    drive = Drive(pages({"title": "One"}, {"title": "Two"}))
    assert [json.loads(rejected.raw)["title"] for rejected in drive.rejected] == ["One", "Two"]
    assert drive.reading.seen == 2


def test_row_without_a_title_is_set_aside_with_its_reason() -> None:
    (rejected,) = Drive(pages({"key": "a"})).rejected
    assert (rejected.source_key, rejected.reason[:6]) == ("a", "titles")


def test_known_details_are_not_asked_for_and_count_as_seen() -> None:
    known = {"a": (digest(row("a")), NOW), "b": ("another row", NOW)}
    drive = Drive(
        pages(row("a"), row("b")), details={"b": {"title": "Whole"}}, details_known=Details(NOW, known)
    )
    assert [path for path in drive.paths if "details" in path] == ["details/b"]
    assert (drive.keys, drive.result) == (["b"], ("ok", "", 2, 2))
    assert drive.spider.details.read == {"b": digest(row("b"))}


def test_details_are_asked_once_a_row() -> None:
    portal = pages(row("a"), row("b"))
    drive = Drive(portal, {"a": {"title": "Whole"}, "b": {"kind": "award"}}, asked=("1", "2"))
    assert [path for path in drive.paths if "details" in path] == ["details/a", "details/b"]
    assert [record.titles["en"] for record in drive.records] == ["Whole"]
    assert drive.result == ("ok", "", 2, 4)


@pytest.mark.parametrize("answer", [b"<h1>Portal</h1>", OSError()])
def test_details_that_fail_make_the_run_partial(answer: Any) -> None:
    drive = Drive(pages(row("a"), row("b")), {"a": {}, "b": answer})
    assert (drive.keys, drive.reading.outcome, drive.reading.seen) == (["a"], "partial", 1)


def test_no_details_at_all_is_a_failed_run() -> None:
    drive = Drive(pages(row("a"), row("b")), {"a": OSError(), "b": OSError()})
    assert drive.result == ("failed", "unavailable", 0, 2)
