"""Which addresses are the public web's, in whatever way they are written."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import Target, by_number, is_public, target_of

PRIVATE = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
"""What no host of the public web has (IANA's registry of special-purpose addresses, RFC 6890)."""
PRIVATE_6 = [
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]

inside = st.sampled_from(PRIVATE).flatmap(lambda network: st.ip_addresses(network=ip_network(network)))
inside_6 = st.sampled_from(PRIVATE_6).flatmap(lambda network: st.ip_addresses(network=ip_network(network)))
part = st.integers(0, 255)


def wrappings(address: IPv4Address) -> list[IPv6Address]:
    """IPv6 addresses that lead to `address`: mapped, by 6to4, by NAT64."""
    number = int(address)
    return [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(0x64FF9B << 96 | number),
    ]


@given(inside)
def test_private_addresses_are_not_public_however_they_are_wrapped(address: IPv4Address) -> None:
    assert not is_public(address)
    assert not any(map(is_public, wrappings(address)))


@given(inside_6)
def test_private_ipv6_addresses_are_not_public(address: IPv6Address) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=6))
def test_what_is_public_in_ipv6_has_been_given_out(address: IPv6Address) -> None:
    if is_public(address):
        given_out = address in ip_network("2000::/3")
        assert given_out or address.ipv4_mapped or address in ip_network("64:ff9b::/96")


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "223.255.255.254"])
def test_public_addresses_are_public_however_they_are_wrapped(address: str) -> None:
    assert is_public(IPv4Address(address))
    assert all(map(is_public, wrappings(IPv4Address(address))))


def test_public_ipv6_addresses_are_public() -> None:
    assert is_public(IPv6Address("2001:4860:4860::8888"))
    assert is_public(IPv6Address("2a00:1450:4003::1"))


@pytest.mark.parametrize("metadata", ["169.254.169.254", "100.100.100.200", "168.63.129.16"])
def test_clouds_metadata_are_not_public(metadata: str) -> None:
    assert not is_public(IPv4Address(metadata))


def test_a_clouds_metadata_by_ipv6_are_not_public() -> None:
    assert not is_public(IPv6Address("fd00:ec2::254"))


@given(
    st.tuples(part, part, part, part),
    st.integers(1, 4),
    st.lists(st.sampled_from("dox"), min_size=4, max_size=4),
)
def test_every_spelling_of_a_number_is_read(
    parts: tuple[int, int, int, int], count: int, bases: list[str]
) -> None:
    """`count` figures, of which the last holds all that is left, each in decimal, octal or hexadecimal."""
    address = IPv4Address(bytes(parts))
    last = int.from_bytes(bytes(parts[count - 1 :]))
    figures = [
        format(figure, {"d": "d", "o": "#o", "x": "#x"}[base]).replace("0o", "0")
        for base, figure in zip(bases, (*parts[: count - 1], last), strict=False)
    ]
    # A figure that leads with zero is octal to C, and Python's own reader refuses it.
    assert by_number(".".join(figures)) == address


@pytest.mark.parametrize(
    "name", ["portal.example", "1.2.3.4.5", "0x7f.example", "", "localhost", "ñ.example"]
)
def test_names_are_no_numbers(name: str) -> None:
    assert by_number(name) is None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://Portal.example/call", Target("portal.example", 80)),
        ("https://portal.example", Target("portal.example", 443)),
        ("http://portal.example:8080/", Target("portal.example", 8080)),
        ("http://[::1]:8080/", Target("::1", 8080)),
        ("http://ñandú.example/", Target("xn--and-6ma2c.example", 80)),
        ("http://user:word@portal.example/", Target("portal.example", 80)),
        ("http:///call", None),
        ("http://portal.example:99999/", None),
        ("http://portal.example:port/", None),
        ("http://[bad/", None),
        ("file:///etc/hosts", None),
        ("portal.example", None),
    ],
)
def test_target_of_an_address(url: str, target: Target | None) -> None:
    assert target_of(url) == target


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    target_of(text)
    target_of(f"http://{text}")
    by_number(text)
