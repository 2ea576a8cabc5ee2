"""Who stands inside is not met, whatever leads there: real requests to servers on this machine, by a crawl's settings."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from crawler.replicas.serving import Replica, RequestLog, Seen
from tests.unit.crawler.meeting import MET, Outing, meet

PUBLIC = "93.184.216.34"
INSIDE = "blocked: an address was not met: its host lies in a private network "


def create_host(redirects: dict[str, str] | None = None) -> Starlette:
    """A host that answers anything, and redirects some of it. `app.state.requests` lists what it was asked."""
    requests: list[Seen] = []

    def answer(request: Request) -> Response:
        there = (redirects or {}).get(request.url.path)
        return RedirectResponse(there) if there else PlainTextResponse("")

    app = Starlette(
        routes=[Route("/{path:path}", answer)], middleware=[Middleware(RequestLog, seen=requests)]
    )
    app.state.requests = requests
    return app


@dataclass(frozen=True)
class Met:
    """What came of addresses, by what they were called, and what the portal and its neighbour were asked."""

    outcomes: dict[str, str]
    asked: list[Seen]
    asked_inside: list[Seen]


def doors(port: str) -> dict[str, str]:
    """Ways to the neighbour at `port` of this machine, and to others that no portal may lead to."""
    return {
        "by number": f"http://127.0.0.1:{port}/",
        "by name": f"http://localhost:{port}/",
        "in decimal": f"http://2130706433:{port}/",
        "in octal": f"http://0177.0.0.1:{port}/",
        "in hexadecimal": f"http://0x7f.1:{port}/",
        "shortened": f"http://127.1:{port}/",
        "as nobody": f"http://0.0.0.0:{port}/",
        "by IPv6": f"http://[::1]:{port}/",
        "by IPv4 in IPv6": f"http://[::ffff:127.0.0.1]:{port}/",
        "by IPv4 in IPv6 in hexadecimal": f"http://[::ffff:7f00:1]:{port}/",
        "with a dot at the end": f"http://localhost.:{port}/",
        "by a name that leads inside": f"http://inside.example:{port}/",
        "by a name that leads inside when it is looked up again": f"http://rebinding.example:{port}/",
        "by a name that leads inside the third time": f"http://rebinding-late.example:{port}/second",
        "metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
        "metadata of a cloud by name": "http://metadata.example/",
        "link-local": "http://[fe80::1]/",
    }


CARRIED = {
    "with a user's name": "http://portal.example@127.0.0.1:9/",
    "with a password": "http://a:b@127.0.0.1:9/",
}
OFF_THE_WEB = {"a file": "file:///etc/hosts", "FTP": "ftp://127.0.0.1/", "data": "data:text/plain,x"}
NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "inside.example": ["127.0.0.1"],
    # What the check of a request is told, and what the connection is.
    "rebinding.example": [PUBLIC, "127.0.0.1"],
    "rebinding-late.example": [PUBLIC, "10.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mirror.example": ["127.0.0.1"],
}


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Met:
    neighbour = create_host()
    with Replica(neighbour) as next_door, Replica(create_host()) as other:
        port = next_door.address.rsplit(":", 1)[1]
        redirects = {
            "/next-door": next_door.address,
            "/by-name": f"http://localhost:{port}/",
            "/file": "file:///etc/hosts",
            "/ftp": "ftp://127.0.0.1/",
            "/home": "/",
        }
        portal = create_host(redirects)
        with Replica(portal) as replica:
            mirror = replica.address.replace("127.0.0.1", "mirror.example")
            addresses = (
                {"itself": replica.address, "a mirror by name": mirror, "another source": other.address}
                | {path: replica.address + path for path in redirects}
                | doors(port)
                | CARRIED
                | OFF_THE_WEB
            )
            outing = Outing(
                addresses=list(addresses.values()),
                private={"test_portal": [replica.address, mirror], "other": [other.address]},
                names=NAMES,
                # So that each connection looks its name up again.
                settings={"DNSCACHE_ENABLED": False},
            )
            home = tmp_path_factory.mktemp("home")
            found = meet(outing, FUNDING_HOME=str(home)).found
    outcomes = {name: found[address] for name, address in addresses.items()}
    return Met(outcomes, portal.state.requests, neighbour.state.requests)


@pytest.mark.parametrize("name", ["itself", "a mirror by name", "/home"])
def test_where_the_operator_pointed_a_source_to_is_met(met: Met, name: str) -> None:
    assert met.outcomes[name] == MET


@pytest.mark.parametrize("name", doors(""))
def test_no_way_leads_inside(met: Met, name: str) -> None:
    assert met.outcomes[name].startswith(INSIDE)


def test_the_address_of_another_source_is_not_this_ones(met: Met) -> None:
    assert met.outcomes["another source"] == f"{INSIDE}(127.0.0.1)"


@pytest.mark.parametrize("name", CARRIED)
def test_names_of_users_are_not_carried(met: Met, name: str) -> None:
    assert met.outcomes[name] == "blocked: an address was not met: its address carries a user's name"


@pytest.mark.parametrize("name", OFF_THE_WEB)
def test_only_the_web_is_met(met: Met, name: str) -> None:
    assert met.outcomes[name].startswith("blocked: an address was not met: only http and https are met, not ")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/next-door", "an address was not met: its host lies in a private network (127.0.0.1)"),
        ("/by-name", "the portal sends its readers to another host (localhost)"),
        ("/file", "the portal sends its readers off the web (file)"),
        ("/ftp", "the portal sends its readers off the web (ftp)"),
    ],
)
def test_no_redirect_leads_inside(met: Met, path: str, sentence: str) -> None:
    assert met.outcomes[path] == f"blocked: {sentence}"


def test_nobody_inside_was_asked(met: Met) -> None:
    assert met.asked
    assert met.asked_inside == []


def test_a_proxy_may_stand_inside_and_leads_nobody_there(tmp_path: Path) -> None:
    asked: list[Seen] = []
    with Replica(RequestLog(PlainTextResponse(""), asked)) as inside:
        addresses = [
            "http://portal.example/",
            "http://elsewhere.example/",
            "http://10.0.0.1/",
            inside.address,
        ]
        found = meet(
            Outing(addresses=addresses, names={"portal.example": [PUBLIC]}),
            FUNDING_HOME=str(tmp_path),
            http_proxy=inside.address,
            no_proxy="",
        ).found
    # A name that is not found here the proxy may know.
    assert [found[address] for address in addresses] == [
        MET,
        MET,
        f"{INSIDE}(10.0.0.1)",
        f"{INSIDE}(127.0.0.1)",
    ]
    assert asked
