"""The review on a real socket: where it may stand, what it must know, and how it ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from config.errors import ConfigurationError
from config.settings import Settings
from notifier.templating import templates
from review.headers import HEADERS
from review.serving import Server, check_shared, listen, machine_app, shared_app
from store.database import Database
from tests.unit.notifier.builders import matched, record
from tests.unit.review.entering import HOST, MACHINE_PAGE, PAGE, SECRET, browser, site
from tests.unit.review.site import client


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of `app` for as long as a `with` block lasts."""
    with listen("127.0.0.1", 0) as listener:
        ready = threading.Event()
        server = Server(app, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert ready.wait(10)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_it_answers_when_it_says_so_and_names_no_server(database: Database, tmp_path: Path) -> None:
    app, token = machine_app(site(database, tmp_path), 8642, None)
    with served(app) as address, httpx.Client(base_url=address) as found:
        assert found.get("/").status_code == 403
        assert found.get("/", params={"token": token}).status_code == 200
        answer = found.get("/officer")
    assert answer.status_code == 200
    assert "server" not in answer.headers
    for name, value in HEADERS.items():
        assert answer.headers[name] == value


def test_every_page_is_behind_the_door(database: Database, tmp_path: Path) -> None:
    """Whatever is added: what has no proof of its own in its address asks for a session."""
    here = site(database, tmp_path)
    matched(database, record("TEST-1"))
    machine, _ = machine_app(here, 8642, None)
    for found in (browser(machine, MACHINE_PAGE), browser(shared_app(here), PAGE)):
        for path in (
            "/",
            "/calls/test_portal/TEST-1",
            "/calendar",
            "/hidden",
            "/sources",
            "/figures",
            "/figures.xlsx",
            "/partners/test_portal/TEST-1",
            "/decide-many",
            "/filters",
            "/openapi.json",
        ):
            for answer in (found.get(path), found.post(path)):
                assert answer.status_code in (303, 403)
                assert "TEST-1" not in answer.text.replace(path, "")


def test_a_port_in_use_is_one_sentence() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} is in use: choose another one by --port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_a_host_that_is_not_here_is_one_sentence(host: str) -> None:
    with pytest.raises(ConfigurationError, match=host.replace(".", r"\.")):
        listen(host, 0)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "FUNDING_SECRET"),
        ({"secret": SECRET}, "FUNDING_REVIEW_URL"),
        ({"secret": SECRET, "review_url": PAGE, "proxy_header": "X-Email"}, "FUNDING_PROXY_ADDRESS"),
    ],
)
def test_others_are_let_in_only_when_all_is_set(facts: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as found:
        check_shared(Settings(**facts))
    assert "\n" not in str(found.value)
    check_shared(Settings(secret=SECRET, review_url=PAGE))
    check_shared(Settings(secret=SECRET, review_url=PAGE, proxy_address="10.0.0.1"))


def test_a_shared_review_knows_its_name(database: Database, tmp_path: Path) -> None:
    found = browser(shared_app(site(database, tmp_path)), PAGE)
    assert found.get("/sign-in").status_code == 200
    assert found.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_a_request_that_is_no_http_is_refused(database: Database, tmp_path: Path) -> None:
    app = shared_app(site(database, tmp_path))
    with served(app) as address:
        port = int(address.rpartition(":")[2])
        for sent in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(sent)
                assert b" 400 " in connection.recv(200)
        smuggled = (
            f"POST /sign-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /who HTTP/1.1\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(smuggled.encode())
            answer = connection.recv(4000)
            assert b" 403 " in answer
            assert (
                answer.count(b"HTTP/1.1") <= 2
            )  # what follows is a request of its own, and stands for itself


def test_the_colours_are_those_of_mails_and_summary(database: Database, tmp_path: Path) -> None:
    css = client(database, tmp_path).get("/static/tokens.css")
    assert css.headers["content-type"].startswith("text/css")
    tokens: Any = templates("en").get_template("tokens.css.j2").module
    for colours in (tokens.light, tokens.dark):
        for name, colour in colours.items():
            assert f"--{name.replace('_', '-')}:{colour};" in css.text
    assert "&#" not in css.text
