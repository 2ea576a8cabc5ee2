"""Looks up the names of hosts for the downloader, and gives it no address that is not the public web's.

The check is made on the very addresses that a connection is then made to, each time one is made: a name that led to a
public address a moment ago, and now leads inside (DNS rebinding), gets no further.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any, Self
from urllib.request import getproxies

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase

from crawler.addresses import Address, Target, ascii_host, is_public, target_of

Twisteds = Any
"""What Twisted describes by an interface of zope, which type checkers read as a class."""

REFUSED: dict[Target, Address] = {}
"""What was not met, and the address that it led to. A process has one reactor, and that one resolver."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver behind the check; PRIVATE_ADDRESSES_ALLOWED and the proxies of the environment pass it."""

    allowed: frozenset[Target] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        of_sources = crawler.settings.getdict("PRIVATE_ADDRESSES_ALLOWED").values()
        resolver.allowed = targets_of(
            [url for urls in of_sources for url in urls] + list(getproxies().values())
        )
        return resolver

    def install_on_reactor(self) -> None:
        super().install_on_reactor()
        guarded: Twisteds = PublicAddresses(self.reactor.nameResolver, self.allowed)
        self.reactor.installNameResolver(guarded)
        # By this one, which knows no ports, an HTTPS proxy is met, and the middleware asks what a name leads to.
        self.reactor.resolver = self  # type: ignore[assignment]  # an interface, read as a class


class PublicAddresses:
    """Passes on, of the addresses that `resolver` finds, the public ones, and all where the target is `allowed`."""

    def __init__(self, resolver: Twisteds, allowed: frozenset[Target]) -> None:
        self._resolver = resolver
        self._allowed = allowed

    def resolveHostName(  # noqa: N802 - the interface's name
        self,
        resolutionReceiver: Twisteds,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        *how: Twisteds,
        **more: Twisteds,
    ) -> Twisteds:
        target = Target(ascii_host(hostName), portNumber)
        is_allowed = target in self._allowed
        receiver = resolutionReceiver if is_allowed else _PublicOnly(resolutionReceiver, target)
        return self._resolver.resolveHostName(receiver, hostName, portNumber, *how, **more)


class _PublicOnly:
    def __init__(self, receiver: Twisteds, target: Target) -> None:
        self._target = target
        self._receiver = receiver
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Twisteds) -> None:  # noqa: N802 - the interface's name
        found = ip_address(address.host)
        if is_public(found):
            self._receiver.addressResolved(address)
        else:
            REFUSED[self._target] = found


def targets_of(urls: Iterable[str]) -> frozenset[Target]:
    return frozenset(target for url in urls if (target := target_of(url)))
