"""Which addresses are the public web's, and what an address on the web names: a host and a port."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

PORTS = {"http": 80, "https": 443}

GLOBAL_UNICAST = ip_network("2000::/3")
"""All that IANA has given out of IPv6 to meet single machines at; what lies beyond is local, or nobody's."""
NAT64 = ip_network("64:ff9b::/96")
"""IPv6 addresses whose last four bytes are the IPv4 address that is really met (RFC 6052)."""
WIRE_SERVER = ip_address("168.63.129.16")
"""A public number at which every virtual machine of Azure meets the one that it runs on."""


class Target(NamedTuple):
    """What a connection is made to, before any name is looked up. `host` is in lower case and in ASCII (IDNA)."""

    host: str
    port: int


def target_of(url: str) -> Target | None:
    """The host and the port that `url` leads to, None where it names no such thing."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return Target(ascii_host(parts.hostname), port) if parts.hostname and port else None


def ascii_host(host: str) -> str:
    try:
        return host.lower().encode("idna").decode("ascii")
    except UnicodeError:
        return host.lower()


def is_public(address: Address) -> bool:
    """Whether `address` is one of the internet's, an IPv4 address within an IPv6 one included."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and address != WIRE_SERVER
    if within := _within(address):
        return all(map(is_public, within))
    return address in GLOBAL_UNICAST and address.is_global


def _within(address: IPv6Address) -> list[IPv4Address]:
    by_nat = IPv4Address(address.packed[-4:]) if address in NAT64 else None
    return [part for part in (address.ipv4_mapped, address.sixtofour, by_nat) if part is not None]


def by_number(host: str) -> Address | None:
    """The address that `host` spells in any way a C library takes: `127.1`, `2130706433`, `0x7f000001`, `::1`."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
