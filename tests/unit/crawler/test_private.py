"""Hosts that are not the public web's are not met, however they are spelled."""

import asyncio

import pytest
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Request
from twisted.internet.error import DNSLookupError

from crawler.middlewares.private import AddressRefused, PublicHostsOnly
from crawler.outcomes import Fault, explain

NAMES = {
    "portal.example": "93.184.216.34",
    "intranet.example": "10.20.30.40",
    "metadata.example": "169.254.169.254",
    "here.example": "127.0.0.1",
    "six.example": "fd00::1",
}


async def look_up(host: str) -> str:
    if host not in NAMES:
        raise DNSLookupError(host)
    return NAMES[host]


def meet(address: str, *allowed: str) -> bool:
    """True where the request goes on to be met; one that is refused raises."""
    answer = asyncio.run(PublicHostsOnly(allowed, look_up).process_request(Request(address)))
    return answer is None


@pytest.mark.parametrize(
    "address",
    [
        "http://portal.example/call.pdf",
        "https://portal.example:8443/call.pdf",
        "https://93.184.216.34/",
        "http://[2001:4860:4860::8888]/",
        "http://[64:ff9b::5db8:d822]/",
    ],
)
def test_public_hosts_are_met(address: str) -> None:
    assert meet(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.10",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "１２７.０.０.１",  # full width
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "2852039166",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fd00::1]",
        "[fc00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "intranet.example",
        "INTRANET.example",
        "metadata.example",
        "here.example",
        "six.example",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_private_hosts_are_refused(scheme: str, host: str) -> None:
    with pytest.raises(AddressRefused, match="its host lies in a private network"):
        meet(f"{scheme}://{host}/call.pdf")
    with pytest.raises(AddressRefused, match="its host lies in a private network"):
        meet(f"{scheme}://{host}:8080/call.pdf", "http://portal.example:8080", "http://127.0.0.1:81")


@pytest.mark.parametrize(
    "address", ["file:///etc/hosts", "data:text/plain,x", "ftp://portal.example/", "s3://a/b"]
)
def test_only_the_web_is_met(address: str) -> None:
    with pytest.raises(AddressRefused, match="only http and https"):
        meet(address)


def test_an_address_without_a_host_is_refused() -> None:
    with pytest.raises(AddressRefused, match="names no host"):
        meet("http:///call.pdf")


@pytest.mark.parametrize("host", ["user@portal.example", "user:word@portal.example", "@portal.example"])
def test_users_names_are_not_carried(host: str) -> None:
    with pytest.raises(AddressRefused, match="carries a user's name"):
        meet(f"https://{host}/call.pdf")


def test_a_name_that_is_not_found_is_left_to_the_downloader() -> None:
    assert meet("http://nowhere.example/")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://127.0.0.1:8080/call.pdf", "http://127.0.0.1:8080"),
        ("http://intranet.example/call.pdf", "http://intranet.example"),
        ("http://INTRANET.example:80/call.pdf", "http://intranet.example/portal"),
        ("https://intranet.example/call.pdf", "https://intranet.example:443"),
    ],
)
def test_the_operator_may_name_a_host_with_its_port(address: str, allowed: str) -> None:
    assert meet(address, allowed)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://127.0.0.1:8081/call.pdf", "http://127.0.0.1:8080"),
        ("http://127.0.0.2:8080/call.pdf", "http://127.0.0.1:8080"),
        ("https://intranet.example/call.pdf", "http://intranet.example"),
        ("http://here.example:8080/call.pdf", "http://127.0.0.1:8080"),
    ],
)
def test_and_no_other(address: str, allowed: str) -> None:
    with pytest.raises(AddressRefused):
        meet(address, allowed)


def test_a_run_says_why() -> None:
    with pytest.raises(AddressRefused) as refused:
        meet("http://metadata.example/")
    sentence = "an address was not met: its host lies in a private network (169.254.169.254)"
    assert explain(refused.value) == (Fault.BLOCKED, sentence)


def test_another_fault_of_the_downloader_is_left_alone() -> None:
    guard = PublicHostsOnly([], look_up)
    guard.process_exception(Request("http://nowhere.example/"), CannotResolveHostError("nowhere.example"))
    guard.process_exception(Request("http://portal.example/"), TimeoutError())
