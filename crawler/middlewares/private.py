"""Addresses that a portal has no business to send this program to: its own machine, and the network that it stands in.

The address of a document is a portal's word. A program inside an authority's network that fetches whatever it is told
would read internal pages for whoever can write into a portal (server-side request forgery).
"""

import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[str]]
"""From the name of a host to the IP address that a connection would be made to; raises DNSLookupError."""

NAT64 = ip_network("64:ff9b::/96")
"""IPv6 addresses whose last four bytes are the IPv4 address that is really met (RFC 6052)."""


class AddressRefused(IgnoreRequest):
    """The address is none of the public web's."""


class PublicHostsOnly:
    """Refuses requests to hosts that are not public, by name or by number, redirects and robots.txt included.

    PRIVATE_HOSTS_ALLOWED lists hosts, with their ports, that the operator himself pointed a source to. A name is looked
    up where the connection will look it up, so that both get the same answer; what was met in the end is checked again.
    """

    def __init__(self, allowed: Iterable[str], resolve: Resolve) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getlist("PRIVATE_HOSTS_ALLOWED"), resolve)

    async def process_request(self, request: Request) -> None:
        url = urlparse_cached(request)
        if url.scheme not in ("http", "https"):
            raise AddressRefused(f"only http and https are met, not {url.scheme}")
        if url.netloc not in self._allowed:
            _refuse_private(await self._address_of(url.hostname or ""))

    def process_response(self, request: Request, response: Response) -> Response:
        met_directly = response.ip_address is not None and "proxy" not in request.meta
        if met_directly and urlparse_cached(request).netloc not in self._allowed:
            _refuse_private(ip_address(str(response.ip_address)))
        return response

    async def _address_of(self, host: str) -> Address:
        if not host:
            raise AddressRefused("its address names no host")
        by_number = _by_number(host)
        if by_number is not None:
            return by_number
        try:
            return ip_address(await self._resolve(host))
        except DNSLookupError as error:
            raise CannotResolveHostError(str(error)) from error


def is_public(address: Address) -> bool:
    """Whether `address` is one of the internet's, an IPv4 address within an IPv6 one included."""
    return all(part.is_global and not part.is_multicast for part in (address, *_within(address)))


def _within(address: Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    by_nat = IPv4Address(address.packed[-4:]) if address in NAT64 else None
    return [part for part in (address.ipv4_mapped, address.sixtofour, by_nat) if part is not None]


def _by_number(host: str) -> Address | None:
    """The address that `host` spells in any way a C library takes: `127.1`, `2130706433`, `0x7f000001`, `::1`."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _refuse_private(address: Address) -> None:
    if not is_public(address):
        raise AddressRefused(f"its host lies in a private network ({address})")


async def resolve(host: str) -> str:
    """The address that the downloader will connect to: Scrapy's resolver keeps what it found."""
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would choose the reactor for Scrapy

    found: str = await maybe_deferred_to_future(reactor.resolve(host))  # type: ignore[arg-type]  # a Zope interface, read as a class
    return found
