"""Logs: readable by programs, and without the addresses of people."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.logs import BLOTTED, configure_logs, logger, without_addresses


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def logged(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_event_is_a_json_object_in_a_line() -> None:
    stream = io.StringIO()
    configure_logs(stream)
    logger("test").info("job done", job="crawl test", seconds=1.5)
    logging.getLogger("test.other").warning("a sentence\nof two lines, %s", "with a value")
    first, second = logged(stream)
    assert (first["event"], first["job"], first["seconds"], first["level"]) == (
        "job done",
        "crawl test",
        1.5,
        "info",
    )
    assert (second["event"], second["logger"]) == ("a sentence\nof two lines, with a value", "test.other")
    assert {"timestamp"} <= first.keys() & second.keys()


def test_on_a_terminal_it_is_a_line_to_read() -> None:
    stream = Terminal()
    configure_logs(stream)
    logger("test").info("job done", job="crawl test")
    assert "job done" in stream.getvalue()
    assert "{" not in stream.getvalue()


def test_addresses_are_blotted_out_of_events_values_and_tracebacks() -> None:
    stream = io.StringIO()
    configure_logs(stream)
    logger("test").warning("mail to test.person@example.org", to="Test <test.person@example.org>")
    fault = ValueError("test.person@example.org is no address")
    logging.getLogger("test").error("refused", exc_info=fault)
    assert "test.person" not in stream.getvalue()
    assert stream.getvalue().count(BLOTTED) >= 3
    assert "ValueError" in stream.getvalue()


@given(st.emails(), st.text(), st.text())
def test_no_address_survives(address: str, before: str, after: str) -> None:
    event = without_addresses(None, "info", {"event": f"{before} {address} {after}"})
    assert address not in str(event["event"])


def test_libraries_are_heard_from_when_something_is_wrong() -> None:
    stream = io.StringIO()
    configure_logs(stream)
    logging.getLogger("apscheduler.scheduler").info("Added job")
    logging.getLogger("apscheduler.scheduler").warning("Run time of job was missed")
    assert [one["event"] for one in logged(stream)] == ["Run time of job was missed"]


def test_without_a_command_that_writes_logs_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    logger("test.quiet").info("job done", job="crawl test")
    assert capsys.readouterr() == ("", "")
