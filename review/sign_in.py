"""Signing in by a link that is mailed to a listed address: whether an address is listed is told to its owner alone."""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from config.schema import Officer
from config.settings import Settings
from notifier.transport import DeliveryError
from review.access import OWN_PROOF
from review.auditing import note_visit
from review.cookies import signed_cookie
from review.errors import RefusedError
from review.language import language_of
from review.letters import send_link
from review.limits import Limit
from review.paths import local_path
from review.proxy import client_of
from review.rendering import page
from review.roster import officer_at
from review.site import Entrance, Role, Site, TheSite, TheVisitor, Visitor, site_of
from store.access import (
    Access,
    drop_ended,
    find_token,
    issue,
    prolong,
    prolonged_until,
    revoke,
    revoke_all,
    token_hash,
    use_up,
)

LINK_LASTS = timedelta(minutes=15)
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
PUBLIC = (*OWN_PROOF, "/static/", "/sign-in/")
PUBLIC_PAGES = frozenset({"/sign-in", "/accessibility", "/language"})
Next = Annotated[str, Form(alias="next")]
log = logging.getLogger(__name__)


class LinkAccess:
    """Sessions of those who followed a link; who is not listed any more is out."""

    def __init__(self, settings: Settings) -> None:
        self.router = _routes(self)
        self.cookie = signed_cookie(settings)
        # Counted whether or not an address is listed, so that the answer tells nothing.
        self._asked_for = Limit(3, LINK_LASTS)
        self._asked_by = Limit(10, LINK_LASTS)

    def let_in(self, request: Request) -> Visitor | Response:
        """Raises RefusedError, StoreError."""
        site, path = site_of(request), request.url.path
        if path.startswith("/static/"):
            return Visitor(Role.NOBODY, language_of(request, site), csrf="")
        officer = self._signed_in(request, site)
        if officer is not None:
            csrf = self.cookie.csrf(self.cookie.of(request))
            language = language_of(request, site, officer.language)
            return Visitor(Role(officer.role), language, csrf, officer, Entrance.LINK)
        if path in PUBLIC_PAGES or path.startswith(PUBLIC):
            csrf = "" if path.startswith(OWN_PROOF) else self.cookie.csrf(self.cookie.of_or_new(request))
            return Visitor(Role.NOBODY, language_of(request, site), csrf)
        return _to_sign_in(request)

    def may_ask(self, request: Request, site: Site, address: str) -> bool:
        now = site.clock()
        client = client_of(request, site.settings.proxy_address)
        return self._asked_by.allows(client, now) and self._asked_for.allows(
            token_hash(address.strip().casefold()), now
        )

    def mail_link(self, site: Site, address: str, back: str) -> None:
        """Send whoever has `address` a link, if they are listed. Runs when the answer is out: its time tells nothing."""
        officer = officer_at(site.organisation, address)
        if officer is None:
            return
        now, organisation = site.clock(), site.organisation
        with site.database.writing() as session:
            drop_ended(session, organisation.key, now - timedelta(days=1))
            token = issue(session, organisation.key, Access.LINK, officer.id, now, LINK_LASTS)
        try:
            send_link(site, officer, _link(site.settings, token, back))
        except DeliveryError as error:
            log.warning("no link went out to %s: %s", officer.id, error)

    def sign_in(self, site: Site, token: str, answer: Response) -> None:
        """Use the link up for a session, which `answer` gives the browser. Raises RefusedError."""
        now, organisation = site.clock(), site.organisation.key
        with site.database.writing() as session:
            holder = use_up(session, organisation, Access.LINK, token, now)
            officer = site.organisation.officer(holder) if holder else None
            given = issue(session, organisation, Access.SESSION, officer.id, now, IDLE) if officer else ""
        if officer is None:
            raise RefusedError(HTTPStatus.FORBIDDEN, "link")
        note_visit(site, officer.id, "signed_in", by=Entrance.LINK)
        self.cookie.set(answer, given, LONGEST)

    def sign_out(self, request: Request, officer: str, answer: Response) -> None:
        site = site_of(request)
        now, organisation = site.clock(), site.organisation.key
        with site.database.writing() as session:
            revoke(session, organisation, Access.SESSION, self.cookie.of(request), now)
        note_visit(site, officer, "signed_out")
        self.cookie.remove(answer)

    def _signed_in(self, request: Request, site: Site) -> Officer | None:
        token = self.cookie.of(request)
        if not token:
            return None
        now, organisation = site.clock(), site.organisation.key
        with site.database.reading() as session:
            found = find_token(session, organisation, Access.SESSION, token, now)
        if found is None:
            return None
        officer = site.organisation.officer(found.holder)
        if officer is None:
            with site.database.writing() as session:
                revoke_all(session, organisation, Access.SESSION, found.holder, now)
            return None
        end = prolonged_until(found, now, IDLE, LONGEST)
        if end is not None:
            with site.database.writing() as session:
                prolong(session, found, end)
        return officer


def _link(settings: Settings, token: str, back: str) -> str:
    """The address in the mail. Its host is the configured one: that of the request could be anybody's."""
    onward = f"?next={quote(back, safe='/')}" if back != "/" else ""
    return f"{settings.review_url.rstrip('/')}/sign-in/{token}{onward}"


def _to_sign_in(request: Request) -> Response:
    """Whoever asks for a page gets to it by way of signing in; whatever else is asked for is refused."""
    if "HX-Request" in request.headers:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/sign-in"})
    if request.method not in ("GET", "HEAD"):
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = "" if wanted == "/" else f"?next={quote(local_path(wanted), safe='/')}"
    return RedirectResponse(f"/sign-in{onward}", HTTPStatus.SEE_OTHER)


def _routes(access: LinkAccess) -> APIRouter:
    router = APIRouter()

    @router.get("/sign-in")
    def ask(request: Request, visitor: TheVisitor) -> Response:
        if visitor.role is not Role.NOBODY:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        back = local_path(request.query_params.get("next", "/"))
        return page(request, "sign_in.html.j2", state="ask", back=back)

    @router.post("/sign-in")
    def mail(
        request: Request, site: TheSite, address: Annotated[str, Form(max_length=320)], back: Next = "/"
    ) -> Response:
        if not access.may_ask(request, site, address):
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "often")
        answer = page(request, "sign_in.html.j2", state="sent", back="/")
        answer.background = BackgroundTask(access.mail_link, site, address, local_path(back))
        return answer

    @router.get("/sign-in/{token}")
    def confirm(request: Request, token: str) -> Response:
        """Changes nothing, and looks nothing up: programs that scan mails follow links."""
        back = local_path(request.query_params.get("next", "/"))
        return page(request, "sign_in.html.j2", state="confirm", back=back, token=token)

    @router.post("/sign-in/{token}")
    def enter(site: TheSite, token: str, back: Next = "/") -> Response:
        answer = RedirectResponse(local_path(back), HTTPStatus.SEE_OTHER)
        access.sign_in(site, token, answer)
        return answer

    @router.post("/sign-out")
    def leave(request: Request, visitor: TheVisitor) -> Response:
        answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        if visitor.officer is not None:
            access.sign_out(request, visitor.officer.id, answer)
        return answer

    return router
