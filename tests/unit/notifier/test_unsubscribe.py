"""The link that ends the mails, over real HTTP as a mail program, a scanner and a person meet it."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlmodel import select
from starlette.applications import Starlette

from config.errors import ConfigurationError
from config.organisation import Organisation
from config.settings import Settings, load_settings
from crawler.replicas.serving import Replica
from notifier.digest import send_digests
from notifier.signing import Holder, Purpose, TokenError, token, verify
from notifier.unsubscribe import LONGEST_BODY, one_click_address, unsubscribe_routes
from store.database import Database
from store.mail_stops import standing_stop
from store.models import MailStop
from tests.unit.notifier.builders import NOW, SENDER, officer, organisation

SECRET = "TEST secret of thirty-two letters"
ONE_CLICK = "List-Unsubscribe=One-Click"
OURS = organisation(officer(language="fr"))


@contextmanager
def met(database: Database, ours: Organisation = OURS) -> Iterator[httpx.Client]:
    """A browser in front of the pages."""
    app = Starlette(routes=unsubscribe_routes(database, ours, SECRET, lambda: NOW))
    with Replica(app) as served, httpx.Client(base_url=served.address) as client:
        yield client


def link(address: str = "mobility@example.org", secret: str = SECRET, key: str = "mobility") -> str:
    return f"/unsubscribe/{token(Purpose.UNSUBSCRIBE, 'test', key, address, secret)}"


def stops(database: Database) -> list[str]:
    with database.reading() as session:
        return [one.cause for one in session.exec(select(MailStop)) if one.lifted_at is None]


def test_one_post_ends_the_mails_and_a_second_changes_nothing(database: Database) -> None:
    with met(database) as client:
        answers = [client.post(link(), content=ONE_CLICK) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert stops(database) == ["unsubscribed"]
    with database.reading() as session:
        assert standing_stop(session, "test", "mobility", "mobility@example.org", NOW) is not None
        assert standing_stop(session, "test", "mobility", "new@example.org", NOW) is None
        assert len(session.exec(select(MailStop)).all()) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_only_looks_unsubscribes_nobody(database: Database, method: str) -> None:
    with met(database) as client:
        answer = client.request(method, link())
    assert answer.status_code == 200
    assert stops(database) == []
    if method == "GET":
        assert '<html lang="fr">' in answer.text
        assert '<form method="post">' in answer.text
        assert "mobility@example.org" not in answer.text


def test_the_pages_load_nothing_keep_nothing_and_pass_the_address_on_to_nobody(database: Database) -> None:
    with met(database) as client:
        for answer in (client.get(link()), client.post(link()), client.get("/unsubscribe/TEST")):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "set-cookie" not in answer.headers
            assert "http" not in answer.text.split("<body>")[1]


@pytest.mark.parametrize(
    "path",
    [
        "/unsubscribe/TEST",
        link(secret="another secret of 32 characters!"),
        link(address="old@example.org"),
        link(key="nobody"),
        link() + "x",
        link()[:-1],
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_is_none_of_ours_or_not_any_more_says_no_more_than_that(
    database: Database, path: str, method: str
) -> None:
    with met(database) as client:
        answer = client.request(method, path)
        other = client.request(method, "/unsubscribe/nothing")
    assert answer.status_code == 404
    assert answer.text == other.text
    assert stops(database) == []


def test_a_token_of_another_organisation_is_none(database: Database) -> None:
    with met(database) as client:
        path = (
            f"/unsubscribe/{token(Purpose.UNSUBSCRIBE, 'other', 'mobility', 'mobility@example.org', SECRET)}"
        )
        assert client.post(path).status_code == 404


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_not_read(database: Database, told: bool) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(LONGEST_BODY):
            yield b"xx"

    with met(database) as client:
        answer = client.post(link(), content=b"x" * (LONGEST_BODY + 1) if told else parts())
    assert answer.status_code == 413
    assert stops(database) == []


@given(st.text(), st.text(), st.text(min_size=1))
def test_a_token_says_whom_it_is_for_and_not_at_which_address(key: str, name: str, address: str) -> None:
    made = token(Purpose.UNSUBSCRIBE, key, name, f"{address}@example.org", SECRET)
    held = verify(Purpose.UNSUBSCRIBE, made, SECRET)
    assert (held.organisation, held.officer) == (key, name)
    assert isinstance(held, Holder)
    assert "@" not in made
    assert held != verify(
        Purpose.UNSUBSCRIBE, token(Purpose.UNSUBSCRIBE, key, name, f"{address}@example.com", SECRET), SECRET
    )
    with pytest.raises(TokenError):
        verify(Purpose.UNSUBSCRIBE, made, SECRET + "x")


@given(st.text())
def test_nothing_else_is_a_token(made: str) -> None:
    with pytest.raises(TokenError):
        verify(Purpose.UNSUBSCRIBE, made, SECRET)


def test_the_link_of_a_mail_is_the_one_that_works(database: Database, home: object) -> None:
    assert home
    settings = Settings(
        mail_from=SENDER, review_url="https://review.example.org/amb/", secret=SecretStr(SECRET)
    )
    send_digests(database, OURS, settings, NOW)
    (mail,) = settings.outbox.iterdir()
    address = message_from_bytes(mail.read_bytes())["List-Unsubscribe"].strip("<>")
    assert address == one_click_address(settings, OURS, OURS.officers[0])
    assert address.startswith("https://review.example.org/amb/unsubscribe/")
    with met(database) as client:
        client.post(address.removeprefix("https://review.example.org/amb"), content=ONE_CLICK)
    assert stops(database) == ["unsubscribed"]


def test_a_secret_that_is_short_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_SECRET", "short-secret")
    with pytest.raises(ConfigurationError, match=r"^FUNDING_SECRET: .*32 characters") as caught:
        load_settings()
    assert "short-secret" not in str(caught.value)
