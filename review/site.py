"""What every page of the review works with: the installation, and who is looking."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from config.organisation import Language, Organisation
from config.schema import Officer
from config.settings import Settings
from notifier.words import Words, words_in
from store.database import Database


class Role(StrEnum):
    """Readers see everything and change nothing; nobody is who has not signed in, and sees what anybody may."""

    OFFICER = "officer"
    READER = "reader"
    NOBODY = "nobody"


class Entrance(StrEnum):
    """How a visitor got in: from this machine, by a mailed link, through the proxy."""

    MACHINE = "machine"
    LINK = "link"
    PROXY = "proxy"


@dataclass(frozen=True)
class Site:
    """The installation that is reviewed. `clock` tells the time (UTC) of each request."""

    settings: Settings
    database: Database
    organisation: Organisation
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Visitor:
    """Who is looking, and in which language.

    `officer` is None for somebody at this machine who has not said yet who decides. `csrf` goes with every form.
    """

    role: Role
    language: Language
    csrf: str
    officer: Officer | None = None
    entrance: Entrance | None = None

    @property
    def words(self) -> Words:
        return words_in(self.language)

    @property
    def may_decide(self) -> bool:
        return self.role is Role.OFFICER and self.officer is not None


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def visitor_of(request: Request) -> Visitor:
    """Whom `review.access` let in: no page is reached without it."""
    visitor: Visitor = request.state.visitor
    return visitor


TheSite = Annotated[Site, Depends(site_of)]
TheVisitor = Annotated[Visitor, Depends(visitor_of)]
