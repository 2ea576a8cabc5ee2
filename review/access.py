"""Whoever started the review comes in by the address that was printed; and says who decides at this machine."""

import secrets
from hmac import compare_digest
from http import HTTPStatus
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from config.schema import Officer
from review.auditing import note_visit
from review.cookies import BrowserCookie
from review.errors import RefusedError
from review.language import language_of
from review.rendering import page
from review.site import Entrance, Role, Site, TheSite, TheVisitor, Visitor, site_of
from store.access import new_token, token_hash

OWN_PROOF = ("/api/", "/feeds/", "/metrics", "/unsubscribe/")
"""Addresses for programs: what they ask for holds its own proof, and their pages check it."""


class MachineAccess:
    """One token, printed once and good for one browser; sessions end with the process.

    `port` is that of the address; `officer` is who decides until somebody else is chosen.
    """

    def __init__(self, port: int, officer: Officer | None = None) -> None:
        self.token = new_token()
        self.router = _routes(self)
        self._cookie = BrowserCookie(f"funding_review_{port}", secrets.token_bytes(32), same_site="strict")
        self._first = officer.id if officer else ""
        self._deciding: dict[str, str] = {}  # who decides, by the hash of the browser's token
        self._lock = Lock()

    def let_in(self, request: Request) -> Visitor | Response:
        """Raises RefusedError."""
        token = self._cookie.of(request)
        if token_hash(token) in self._deciding:
            return self._visitor(request, token)
        if request.url.path.startswith(OWN_PROOF):
            return Visitor(Role.NOBODY, language_of(request, site_of(request)), csrf="")
        if request.method == "GET" and self._use_up(request.query_params.get("token", "")):
            return self._enter(request)
        raise RefusedError(HTTPStatus.FORBIDDEN, "token")

    def choose(self, request: Request, officer: Officer | None) -> None:
        """Who decides from now on in this browser."""
        self._deciding[token_hash(self._cookie.of(request))] = officer.id if officer else ""

    def _use_up(self, given: str) -> bool:
        with self._lock:
            fits = bool(self.token) and compare_digest(token_hash(given), token_hash(self.token))
            if fits:
                self.token = ""
            return fits

    def _visitor(self, request: Request, token: str) -> Visitor:
        site = site_of(request)
        officer = site.organisation.officer(self._deciding[token_hash(token)])
        language = language_of(request, site, officer.language if officer else None)
        return Visitor(Role.OFFICER, language, self._cookie.csrf(token), officer, Entrance.MACHINE)

    def _enter(self, request: Request) -> Response:
        """A page that goes on by itself: a redirect would count as asked for by whoever opened the browser, and
        browsers keep a strict cookie back from that.
        """
        token = new_token()
        self._deciding[token_hash(token)] = self._first
        request.state.visitor = self._visitor(request, token)
        if self._first:
            note_visit(site_of(request), self._first, "acting")
        answer = page(request, "entered.html.j2")
        self._cookie.set(answer, token)
        return answer


def _routes(access: MachineAccess) -> APIRouter:
    router = APIRouter()

    @router.get("/officer")
    def ask(request: Request, site: TheSite) -> Response:
        return page(request, "officer.html.j2", officers=_choices(site))

    @router.post("/officer")
    def choose(
        request: Request, site: TheSite, visitor: TheVisitor, officer: Annotated[str, Form()] = ""
    ) -> Response:
        chosen = next((one for one in _choices(site) if one.id == officer), None)
        if officer and chosen is None:
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "")
        if chosen != visitor.officer:
            access.choose(request, chosen)
            note_visit(site, chosen.id if chosen else "", "acting")
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)

    return router


def _choices(site: Site) -> list[Officer]:
    return [officer for officer in site.organisation.officers if officer.role == "officer"]
