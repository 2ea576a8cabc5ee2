"""Addresses that a portal has no business to send this program to: its own machine, and the network that it stands in.

The address of a page or a document is a portal's word. A program inside an authority's network that fetches whatever it
is told would read internal pages for whoever can write into a portal (server-side request forgery).
"""

from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Request
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

from crawler.addresses import PORTS, Address, Target, by_number, is_public, target_of
from crawler.resolver import REFUSED, targets_of

Resolve = Callable[[str], Awaitable[str]]
"""From the name of a host to an IP address of it; raises DNSLookupError."""


class AddressRefused(IgnoreRequest):
    """The address is none of the public web's."""


class PublicHostsOnly:
    """Refuses requests to hosts that are not public, by name or by number, redirects and robots.txt included.

    PRIVATE_ADDRESSES_ALLOWED gives, by the name of a spider, the addresses that the operator himself pointed it to: their
    hosts with their ports may stand inside. Behind a proxy this is the only check, and a name that is not known here is
    the proxy's to judge; without one, `crawler.resolver` has the last word, and what it refused is told here.
    """

    def __init__(self, allowed: Iterable[str], resolve: Resolve) -> None:
        self._allowed = targets_of(allowed)
        self._resolve = resolve

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        allowed = crawler.settings.getdict("PRIVATE_ADDRESSES_ALLOWED")
        return cls(allowed.get(crawler.spidercls.name, []), resolve)

    async def process_request(self, request: Request) -> None:
        target = _target_of(request)
        if target not in self._allowed and (address := await self._address_of(target.host)):
            _refuse_private(address)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, CannotResolveHostError) and (target := target_of(request.url)) in REFUSED:
            _refuse_private(REFUSED[target])

    async def _address_of(self, host: str) -> Address | None:
        if number := by_number(host):
            return number
        try:
            return ip_address(await self._resolve(host))
        except DNSLookupError:
            return None


def _target_of(request: Request) -> Target:
    """Raises AddressRefused for what names no host of the web, or more than that."""
    url = urlparse_cached(request)
    if url.scheme not in PORTS:
        raise AddressRefused(f"only http and https are met, not {url.scheme}")
    if "@" in url.netloc:
        raise AddressRefused("its address carries a user's name")
    target = target_of(request.url)
    if target is None:
        raise AddressRefused("its address names no host")
    return target


def _refuse_private(address: Address) -> None:
    if not is_public(address):
        raise AddressRefused(f"its host lies in a private network ({address})")


async def resolve(host: str) -> str:
    """An address of `host`, by Scrapy's resolver, which keeps what it found."""
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would choose the reactor for Scrapy

    found: str = await maybe_deferred_to_future(reactor.resolve(host))  # type: ignore[arg-type]  # a Zope interface, read as a class
    return found
