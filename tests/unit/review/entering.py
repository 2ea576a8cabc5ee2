"""Reviews that are entered as people do, with a page that shows who looks, and one that takes a change."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from config.schema import Officer
from config.settings import Settings
from review.access import MachineAccess
from review.app import create_app
from review.proxy import ProxyAccess
from review.serving import MACHINE
from review.sign_in import LinkAccess
from review.site import Site, TheVisitor
from store.database import Database
from store.models import AuditEvent
from tests.unit.notifier.builders import NOW, officer, organisation

HOST = "review.example.org"
PAGE = f"https://{HOST}"
MACHINE_PAGE = "http://127.0.0.1:8642"
SECRET = "test-" * 8
PROXY = "10.0.0.7"
OFFICERS = (officer("mobility", "en"), officer("water", "es"), officer("guest", "fr", role="reader"))
router = APIRouter()


@router.get("/who")
def who(visitor: TheVisitor) -> dict[str, str | None]:
    return {
        "officer": visitor.officer.id if visitor.officer else None,
        "role": visitor.role,
        "language": visitor.language,
        "csrf": visitor.csrf,
    }


@router.post("/change")
def change(visitor: TheVisitor) -> dict[str, str]:
    return {"changed_by": visitor.officer.id if visitor.officer else ""}


class Clock:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


def site(
    database: Database, home: Path, clock: Clock | None = None, *officers: Officer, **facts: Any
) -> Site:
    known: dict[str, Any] = {"home": home, "secret": SECRET, "review_url": PAGE}
    return Site(Settings(**known | facts), database, organisation(*(officers or OFFICERS)), clock or Clock())


def machine(site: Site, first: Officer | None = None) -> tuple[TestClient, str]:
    """A browser at this machine, and the token that was printed."""
    access = MachineAccess(8642, first)
    app = create_app(site, access, [router, access.router], MACHINE)
    return browser(app, MACHINE_PAGE), access.token


def by_link(site: Site) -> TestClient:
    access = LinkAccess(site.settings)
    return browser(create_app(site, access, [router, access.router], MACHINE | {HOST}), PAGE)


def by_proxy(site: Site, peer: str = PROXY) -> TestClient:
    access = ProxyAccess(site.settings)
    return browser(create_app(site, access, [router, access.router], MACHINE | {HOST}), PAGE, peer)


def browser(app: Any, address: str, peer: str = "192.0.2.1") -> TestClient:
    return TestClient(
        app, base_url=address, follow_redirects=False, raise_server_exceptions=False, client=(peer, 50_000)
    )


def csrf_in(page: Response) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found is not None, page.text
    return found[1]


def ask_for_link(client: TestClient, address: str, onward: str = "/") -> Response:
    csrf = csrf_in(client.get("/sign-in"))
    answer: Response = client.post("/sign-in", data={"csrf": csrf, "address": address, "next": onward})
    return answer


def links(home: Path) -> Iterator[str]:
    """The path of each link that was mailed, oldest first."""
    for file in sorted((home / "outbox").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
        text = message_from_bytes(file.read_bytes(), policy=default).get_content()
        found = re.search(rf"^{PAGE}(\S+)\r?$", text, re.MULTILINE)
        assert found is not None, text
        yield found[1]


def follow(client: TestClient, link: str) -> Response:
    """Open a link of a mail, and press the button there."""
    page = client.get(link)
    onward = re.search(r'name="next" value="([^"]*)"', page.text)
    assert onward is not None
    data = {"csrf": csrf_in(page), "next": onward[1]}
    answer: Response = client.post(link.partition("?")[0], data=data)
    return answer


def signed_in(site: Site, who: Officer = OFFICERS[0]) -> TestClient:
    client = by_link(site)
    ask_for_link(client, who.email)
    assert follow(client, list(links(site.settings.home))[-1]).status_code == 303
    return client


def events(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading() as session:
        found = session.exec(select(AuditEvent).order_by("id"))
        return [(one.officer, one.action, one.facts) for one in found]
