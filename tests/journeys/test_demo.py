"""`make demo`: the whole way of a call, with nothing but this machine."""

import sys
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from cli import main
from cli.demonstration import SOURCES
from config.organisation import load_organisation
from config.settings import Settings
from crawler.replicas.sample import SAMPLE_DAY, weeks_to
from notifier.words import words_in

LATER = SAMPLE_DAY + timedelta(days=400)


@pytest.fixture
def demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[Path, str]:
    """The folder that the demo writes on a day more than a year after the sample was taken, and what it prints."""
    monkeypatch.setenv("FUNDING_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["funding", "demo", "--today", LATER.isoformat()])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, None)
    return tmp_path / "demo", capsys.readouterr().out


def test_the_demo_never_goes_stale(demo: tuple[Path, str]) -> None:
    home, printed = demo
    summary = (home / "summary.html").read_text(encoding="utf-8")
    assert all(f"{source} " in printed for source in SOURCES)
    assert "failed" not in printed
    assert "TEST-" not in summary
    assert summary.count("<h3>") > 50
    assert words_in("ca").moved(weeks_to(LATER)) in summary
    mails = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((home / "outbox").glob("*.eml"))
    ]
    officers = load_organisation(Settings().config / "amb").officers
    assert {mail["To"] for mail in mails} == {officer.email for officer in officers}
    assert {mail["Content-Language"] for mail in mails} == {"ca", "es", "en", "fr"}
    assert all(mail.get_body(("plain",)) and mail.get_body(("html",)) for mail in mails)
