"""Behind a proxy that signs people in (OIDC): it names their address in a header, and it alone is believed."""

from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from fastapi import APIRouter, Request, Response

from config.settings import Settings
from review.access import OWN_PROOF
from review.auditing import note_visit
from review.cookies import signed_cookie
from review.errors import RefusedError
from review.language import language_of
from review.roster import officer_at
from review.site import Entrance, Role, Visitor, site_of


def peer_of(request: Request) -> str:
    """The IP address at the other end of the connection, as `FUNDING_PROXY_ADDRESS` is written; empty where it is none."""
    try:
        found = ip_address(request.client.host if request.client else "")
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def client_of(request: Request, proxy_address: str) -> str:
    """Who asks, for counting: what the trusted proxy says last of it, else the peer. Of IPv6 the network (/64)."""
    found = peer_of(request)
    if proxy_address and found == proxy_address:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        found = forwarded or found
    try:
        address = ip_address(found)
    except ValueError:
        return found[:45]
    return ":".join(address.exploded.split(":")[:4]) if isinstance(address, IPv6Address) else found


class ProxyAccess:
    """Whoever the proxy names, if they are listed. Nothing is believed, and nothing shown, that comes past it."""

    def __init__(self, settings: Settings) -> None:
        self.router = APIRouter()
        self._cookie = signed_cookie(settings)

    def let_in(self, request: Request) -> Visitor | Response:
        """Raises RefusedError."""
        site = site_of(request)
        settings = site.settings
        if peer_of(request) != settings.proxy_address:
            raise RefusedError(HTTPStatus.FORBIDDEN, "proxy")
        if request.url.path.startswith(OWN_PROOF):
            return Visitor(Role.NOBODY, language_of(request, site), csrf="")
        named_by_proxy = request.headers.getlist(settings.proxy_header)
        if len(named_by_proxy) != 1:  # two: one of them is not the proxy's
            raise RefusedError(HTTPStatus.FORBIDDEN, "proxy")
        officer = officer_at(site.organisation, named_by_proxy[0])
        if officer is None:
            raise RefusedError(HTTPStatus.FORBIDDEN, "unlisted")
        is_new = not self._cookie.of(request)
        csrf = self._cookie.csrf(self._cookie.of_or_new(request))
        if is_new:
            note_visit(site, officer.id, "signed_in", by=Entrance.PROXY)
        language = language_of(request, site, officer.language)
        return Visitor(Role(officer.role), language, csrf, officer, Entrance.PROXY)
