"""A review with made-up calls, for tests of its pages: everybody is let in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.testclient import TestClient

from config.settings import Settings
from review.app import create_app
from review.site import Role, Site, Visitor
from store.database import Database
from tests.unit.notifier.builders import NOW, officer, organisation

CSRF = "test-csrf"


@dataclass
class Anybody:
    """Lets everybody in as one visitor, who can be changed between requests."""

    visitor: Visitor

    def let_in(self, _: Request) -> Visitor:
        return self.visitor


def visitor(role: Role = Role.OFFICER, who: str = "mobility", language: str = "en") -> Visitor:
    found = officer(who)
    return Visitor(role=role, language=language, csrf=CSRF, officer=found)  # type: ignore[arg-type]


def client(database: Database, home: Path, *routers: APIRouter, who: Visitor | None = None) -> TestClient:
    """A browser's side of a review of `database` at `tests.unit.notifier.builders.NOW`."""
    site = Site(Settings(home=home), database, organisation(), lambda: NOW)
    return TestClient(create_app(site, Anybody(who or visitor()), list(routers)))


def all_routes(routes: Iterable[Any]) -> Iterator[Any]:
    """The routes of an application, those of its routers too."""
    for route in routes:
        router = getattr(route, "original_router", None)
        yield from [route] if router is None else all_routes(router.routes)
