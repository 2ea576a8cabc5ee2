"""Officers as officers.toml has them now: whoever is taken out is out at once, without a restart."""

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import idna
from fastapi import Request, Response

from config.errors import ConfigurationError
from config.organisation import Organisation, load_organisation
from config.schema import Officer
from review.security import Access
from review.site import Visitor, site_of

log = logging.getLogger(__name__)


class Roster:
    """Lets in by way of `access`, after the organisation in `folder` was read again if its officers were changed.

    As long as they cannot be used, they are as they were.
    """

    def __init__(self, access: Access, folder: Path) -> None:
        self._access = access
        self._folder = folder
        self._read = self._state()

    def let_in(self, request: Request) -> Visitor | Response:
        state = self._state()
        if state != self._read:
            self._read = state
            try:
                organisation = load_organisation(self._folder)
            except ConfigurationError as error:
                log.warning("officers are as they were: %s", error)
            else:
                request.app.state.site = replace(site_of(request), organisation=organisation)
        return self._access.let_in(request)

    def _state(self) -> tuple[int, ...]:
        try:
            found = (self._folder / "officers.toml").stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino


def officer_at(organisation: Organisation, address: str) -> Officer | None:
    """Whose `address` it is, however its domain is written; mail servers tell no capitals from small letters, whatever
    RFC 5321 lets them.
    """
    wanted = _comparable(address)
    return next((one for one in organisation.officers if _comparable(one.email) == wanted), None)


def _comparable(address: str) -> str:
    local, _, domain = address.strip().casefold().rpartition("@")
    with suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode("ascii")
    return f"{local}@{domain}"
