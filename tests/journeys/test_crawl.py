"""A portal is read, read again, and read once more after it has changed."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.parsers.eu_portal import first, source_key
from crawler.replicas.eu_portal import create_app
from crawler.replicas.sample import Record
from crawler.replicas.serving import Seen
from crawler.runner import RunResult
from store.database import Database
from tests.journeys.crawling import Known, Rows, contents, run, topic, versions

PARENT = "TEST-2026-PARENT-01"


def cascade(number: int) -> Record:
    """One of several calls below the same topic, at the same address."""
    record = topic(number, type=["8"], identifier=[PARENT], callTitle=[f"Made-up cascade call {number}"])
    return record | {"reference": f"{number}COMPETITIVE_CALLen", "url": "https://example.org/cascade"}


class OneAtATime:
    """Middleware that counts the requests that are answered at the same moment."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.open = self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        await self.app(scope, receive, send)
        self.open -= 1


@dataclass(frozen=True)
class Story:
    """Three crawls: of the sample, of the same again, and of the sample with `changed` changes."""

    runs: list[RunResult]
    stored: list[Rows]
    requests: list[Seen]
    most_at_once: int
    known: dict[str, Known]
    later: dict[str, Known]
    moved: str
    budgeted: str
    opened: str
    vanished: str


@pytest.fixture(scope="module")
def story(sample: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder: Path = tmp_path_factory.mktemp("story")
    database = Database(f"sqlite:///{folder / 'funding.db'}")
    app = create_app(sample)
    polite = OneAtATime(app)
    runs, stored = [], []
    for _ in range(2):
        runs.append(run(sample, database, app=polite))
        stored.append(contents(database))

    records = deepcopy(sample)
    topics = [record for record in records if first(record["metadata"], "type") == "1"]
    with_budget = [topic for topic in topics if '"58000000"' in first(topic["metadata"], "budgetOverview")]
    forthcoming = [topic for topic in topics if first(topic["metadata"], "status") == "31094501"]
    moved, budgeted, opened, vanished = topics[0], with_budget[0], forthcoming[0], topics[-1]
    moved["metadata"]["deadlineDate"] = ["2027-06-01T00:00:00.000+0000"]
    overview = first(budgeted["metadata"], "budgetOverview").replace('"58000000"', '"60000000"')
    budgeted["metadata"]["budgetOverview"] = [overview]
    opened["metadata"]["status"] = ["31094502"]
    records.remove(vanished)
    runs.append(run([*records, cascade(900_001), cascade(900_002)], database))
    stored.append(contents(database))

    yield Story(
        runs=runs,
        stored=stored,
        requests=app.state.requests,
        most_at_once=polite.most,
        known=versions(database),
        later=versions(database, above=1),
        moved=source_key(moved),
        budgeted=source_key(budgeted),
        opened=source_key(opened),
        vanished=source_key(vanished),
    )
    database.close()


def test_first_crawl_finds_all(story: Story, sample: list[Record]) -> None:
    result = story.runs[0]
    assert (result.outcome, result.error, result.detail) == ("ok", "", "")
    assert result.seen == result.declared == result.new == len(sample)
    assert (result.changed, result.quarantined) == (0, 0)
    assert {source_key(record) for record in sample} <= story.known.keys()


def test_second_crawl_writes_nothing(story: Story, sample: list[Record]) -> None:
    result = story.runs[1]
    assert (result.outcome, result.new, result.changed, result.seen) == ("ok", 0, 0, len(sample))
    assert story.stored[1] == story.stored[0]


def test_third_crawl_counts_what_changed(story: Story, sample: list[Record]) -> None:
    result = story.runs[2]
    assert (result.outcome, result.new, result.changed, result.seen) == ("ok", 2, 3, len(sample) + 1)
    assert story.later.keys() == {story.moved, story.budgeted, story.opened}


def test_moved_deadline_is_a_version(story: Story) -> None:
    version = story.later[story.moved]
    (change,) = version.changes
    # By its old deadline it was over, so that it is open again.
    assert (version.number, version.kinds) == (2, ["deadline_moved", "reopened"])
    assert change["field"] == "deadlines"
    assert change["before"][0]["day"] != "2027-06-01"
    assert [(deadline["day"], deadline["at"]) for deadline in change["after"]] == [("2027-06-01", "17:00:00")]


def test_changed_budget_is_a_version(story: Story) -> None:
    version = story.later[story.budgeted]
    assert (version.number, version.kinds) == (2, ["budget_changed"])
    assert version.changes == [{"field": "budget_cents", "before": 58_000_000_00, "after": 60_000_000_00}]


def test_opening_is_a_version(story: Story) -> None:
    version = story.later[story.opened]
    assert (version.number, version.kinds) == (2, ["opened"])
    assert version.changes == [{"field": "status", "before": "forthcoming", "after": "open"}]


def test_cascade_calls_of_one_parent_are_kept_apart(story: Story) -> None:
    pair = [known for known in story.known.values() if known.snapshot["identifiers"] == [PARENT]]
    assert {known.snapshot["titles"]["en"] for known in pair} == {
        "Made-up cascade call 900001",
        "Made-up cascade call 900002",
    }
    assert {known.snapshot["page"] for known in pair} == {"https://example.org/cascade"}


def test_vanished_call_stays_as_it_was(story: Story) -> None:
    before, after = (
        [row for row in stored["call"] if story.vanished in row]
        for stored in (story.stored[1], story.stored[2])
    )
    assert before == after
    assert len(after) == 1


def test_robots_txt_is_asked_before_anything_else(story: Story) -> None:
    assert (story.requests[0].method, story.requests[0].path) == ("GET", "/robots.txt")


def test_every_request_says_who_asks(story: Story) -> None:
    (user_agent,) = {request.user_agent for request in story.requests}
    assert user_agent.startswith("funding-tracker/")
    assert "(+https://" in user_agent


def test_one_request_at_a_time(story: Story) -> None:
    assert story.most_at_once == 1
