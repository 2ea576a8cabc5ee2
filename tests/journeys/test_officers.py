"""`funding officers`: entered, paused, given out and erased; digests looked at and explained; what docs/privacy.md says."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

import config.settings
from cli.previewing import explain_call, preview_digests
from config.organisation import load_organisation
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide
from store.locks import exclusive
from store.mail_stops import Cause, stop
from store.models import Call, Delivery, DeliveryItem, MailStop, Match
from store.records import CallRecord, Kind, Status
from store.stages import CallStage, record_stage
from tests.conftest import AMB
from tests.journeys.test_cli import Done, Funding, one_sentence

PRIVACY = Path(__file__).parents[2] / "docs" / "privacy.md"
NOW = datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
TODAY = ("--today", "2026-08-22")
ADDRESS = "ecology@example.org"
Run = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AMB, tmp_path / "config" / "amb"))


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, var: Path) -> Run:
    funding = Funding(monkeypatch, capsys)

    def officers(*arguments: str | Path) -> Done:
        config.settings._load.cache_clear()  # noqa: SLF001 - every command is a process of its own
        return funding(*map(str, arguments), home=var, FUNDING_CONFIG=str(folder.parent))

    return officers


@pytest.fixture
def stored(var: Path) -> Database:
    """A call that ranks first, a decision with a note and a stage of one officer."""
    database = Database(f"sqlite:///{var / 'funding.db'}")
    made_up = CallRecord(
        source="test",
        source_key="TEST-1",
        kind=Kind.CALL,
        identifiers=("TEST-1",),
        titles={"en": "Made-up call for rivers"},
        status=Status.OPEN,
        no_deadline="not stated",
        page="https://example.org/",
    )
    with database.writing() as session:
        save(session, [made_up], None, NOW)
        call = session.exec(select(Call)).one()
        assert call.id is not None
        session.add(
            Match(
                organisation="amb",
                call_id=call.id,
                call_version=1,
                profile_hash="",
                model="test",
                score=1,
                percentile=99,
                areas=[{"id": "water", "score": 1.0, "terms": ["river"]}],
                projects=[],
                roles=[],
                verdict="open",
                rule="",
                evidence=[],
                matched_at=NOW,
            )
        )
        said = DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.OTHER, note="TEST note")
        decide(session, "amb", "cooperation_cohesion", call, said, NOW)
        decide(session, "amb", "ecology", call, DecisionRecord(verdict=Verdict.RELEVANT, note="TEST"), NOW)
        record_stage(session, "amb", "ecology", call, CallStage.SEEN, NOW)
    return database


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    found = tomllib.loads((folder / "officers.toml").read_bytes().decode("utf-8"))["officer"]
    return {entry["id"]: entry for entry in found}


def listed(run: Run, *options: str) -> dict[str, dict[str, Any]]:
    done = run("officers", "list", *TODAY, *options, "--json")
    return {row["id"]: row for row in json.loads(done.stdout)["officers"]}


def test_an_officer_who_is_added_is_written_to_and_comments_stay(run: Run, folder: Path, var: Path) -> None:
    before = (folder / "officers.toml").read_bytes()
    (folder / "officers.toml").chmod(0o640)
    new = ("--email", "TEST@bücher.example.org", "--language", "ca", "--name", "TEST Càtedra d'“aigua” 🌊")
    done = run("officers", "add", "test_new", *new, "--area", "water", "--area", "energy", "--minimum", "90")
    assert (done.returncode, done.stdout) == (0, f"test_new stands in {folder / 'officers.toml'}\n")
    assert (folder / "officers.toml").read_bytes().startswith(before)
    assert (folder / "officers.toml").stat().st_mode & 0o777 == 0o640
    officer = load_organisation(folder).officer("test_new")
    assert officer is not None
    assert (officer.areas, officer.minimum, officer.cadence) == (("water", "energy"), 90, "weekly")
    assert officer.name.ca == "TEST Càtedra d'“aigua” 🌊"
    (sent,) = json.loads(run("digest", "test_new", *TODAY, "--json").stdout)["digests"]
    assert sent["state"] == "sent"
    (mail,) = (var / "outbox").glob("*-test_new.eml")
    assert b"TEST@xn--bcher-kva.example.org" in mail.read_bytes()


@pytest.mark.parametrize(
    ("key", "options", "said"),
    [
        ("ecology", {}, "`ecology` stands in officers.toml already; every id is used once"),
        ("Ñandú", {}, "id: an id is made of a to z, digits and _, and begins with a letter"),
        ("test_new", {"--email": "nowhere"}, "email: this is no address, such as name@example.org"),
        ("test_new", {"--email": "a<b@example.org"}, "email: this is no address, such as name@example.org"),
        ("test_new", {"--email": "dona@-.example"}, "email: the domain of the address is none"),
        ("test_new", {"--email": "núria@example.org"}, "email: letters beyond ASCII stand before the @"),
        ("test_new", {"--language": "de"}, "language: Input should be 'ca', 'es', 'en' or 'fr'"),
        (
            "test_new",
            {"--area": "moblity"},
            "areas: `moblity` is unknown; expected one of: air_noise, climate",
        ),
    ],
)
def test_what_is_wrong_with_a_new_officer_is_said_and_nothing_written(
    run: Run, folder: Path, key: str, options: dict[str, str], said: str
) -> None:
    before = (folder / "officers.toml").read_bytes()
    given = {"--email": "test-new@example.org", "--language": "ca"} | options
    done = run("officers", "add", key, *(word for pair in given.items() for word in pair))
    assert done.returncode == 1
    assert one_sentence(done).startswith(said)
    assert one_sentence(done).count("\n") == 1
    assert (folder / "officers.toml").read_bytes() == before


NEW = ("officers", "add", "test_new", "--email", "test-new@example.org", "--language", "ca")


def test_a_file_that_is_broken_already_is_told_by_its_line(run: Run, folder: Path) -> None:
    path = folder / "officers.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"fr"', '"de"'), encoding="utf-8")
    before = path.read_bytes()
    for command in (NEW, ("officers", "list"), ("officers", "erase", "ecology", "--yes")):
        said = one_sentence(run(*command))
        assert re.search(r"officers.toml, line \d+: officer\[3\] \(cooperation_cohesion\)\.language", said)
    assert path.read_bytes() == before


def test_lines_end_as_they_did(run: Run, folder: Path) -> None:
    path = folder / "officers.toml"
    windows = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(windows)
    assert run(*NEW).returncode == 0
    assert path.read_bytes().startswith(windows)
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert run("officers", "erase", "test_new", "--yes").returncode == 0
    assert path.read_bytes() == windows


def test_a_file_that_is_a_folder_is_told(run: Run, folder: Path) -> None:
    (folder / "officers.toml").unlink()
    (folder / "officers.toml").mkdir()
    assert f"{folder / 'officers.toml'}: cannot be read" in one_sentence(run(*NEW))


def test_configuration_that_cannot_be_written_is_told_and_the_erasure_completes_later(
    run: Run, folder: Path, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "officers.toml").read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("cli.configuring.write_whole", refuse)
        advice = f"copy the folder {folder.parent} to a place of your own and set FUNDING_CONFIG to it"
        assert advice in one_sentence(run(*NEW))
        assert advice in one_sentence(run("officers", "erase", "ecology", "--yes", *TODAY))
    assert (folder / "officers.toml").read_bytes() == before
    assert listed(run)["ecology"]["stopped"] == "paused: is being erased"
    assert run("officers", "erase", "ecology", "--yes").returncode == 0
    assert_erased(stored, folder)


def test_configuration_inside_an_installed_package_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(AMB, tmp_path / "site-packages" / "config" / "amb"))
    funding = Funding(monkeypatch, capsys)
    for command in (NEW, ("officers", "erase", "ecology", "--yes")):
        done = funding(*command, home=tmp_path / "var", FUNDING_CONFIG=str(folder.parent))
        assert "cannot be written; copy the folder" in one_sentence(done)
    assert entries(folder) == entries(AMB)


def process(folder: Path, var: Path, *arguments: str, code: str = "") -> "subprocess.Popen[str]":
    """A command as a process of its own, which runs `code` first."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}\nfrom cli import main\nmain()", *arguments],
        env=os.environ | {"FUNDING_HOME": str(var), "FUNDING_CONFIG": str(folder.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_who_add_at_once_lose_nobody(run: Run, folder: Path, var: Path) -> None:
    with exclusive(var, "officers"):
        assert one_sentence(run(*NEW)) == "officers: another process is at it; wait until it has finished\n"
    keys = [f"test_{number}" for number in range(3)]
    started = {key: process(folder, var, *NEW[:2], key, *NEW[3:]) for key in keys}
    ended = {key: (one.communicate(timeout=60), one.returncode) for key, one in started.items()}
    for (_, said), code in ended.values():
        assert code == 0 or said == "officers: another process is at it; wait until it has finished\n"
    added = {key for key, (_, code) in ended.items() if code == 0}
    assert added
    assert set(entries(folder)) == set(entries(AMB)) | added


def test_addresses_are_shown_only_when_they_are_asked_for(run: Run) -> None:
    done = run("officers", "list")
    assert "e…@example.org" in done.stdout
    assert ADDRESS not in done.stdout
    assert ADDRESS in run("officers", "list", "--addresses").stdout
    assert listed(run)["ecology"]["email"] == "e…@example.org"
    assert listed(run, "--addresses")["ecology"]["email"] == ADDRESS


def test_to_whom_no_mail_goes_out_is_listed_with_the_reason(run: Run, var: Path, folder: Path) -> None:
    text = (folder / "officers.toml").read_text(encoding="utf-8")
    changed = text.replace("mobility-territory@", "mobilité@").replace(ADDRESS, "ecologia@example.org")
    (folder / "officers.toml").write_text(changed, encoding="utf-8")
    database = Database(f"sqlite:///{var / 'funding.db'}")
    with database.writing() as session:
        stop(session, "amb", "international", Cause.UNSUBSCRIBED, NOW, address="international@example.org")
        stop(session, "amb", "ecology", Cause.REFUSED, NOW, reason="550 no", address=ADDRESS)
        address = "cooperation-cohesion@example.org"
        stop(session, "amb", "cooperation_cohesion", Cause.REFUSED, NOW, reason="550 no", address=address)
    rows = listed(run)
    assert rows["mobility_territory"]["stopped"].startswith("letters beyond ASCII")
    assert rows["ecology"]["mail"], "another address than the one that was refused"
    assert rows["international"]["stopped"] == "unsubscribed"
    assert rows["cooperation_cohesion"]["stopped"] == "refused: 550 no"
    assert "refused: 550 no" in run("officers", "list").stdout
    assert run("officers", "resume", "cooperation_cohesion").returncode == 0
    done = run("officers", "resume", "international")
    assert (done.returncode, "--unsubscribed" in one_sentence(done)) == (1, True)
    assert listed(run)["international"]["stopped"] == "unsubscribed"
    assert run("officers", "resume", "international", "--unsubscribed").returncode == 0
    rows = listed(run)
    assert rows["international"]["mail"]
    assert rows["cooperation_cohesion"]["mail"]


def test_a_pause_ends_on_its_day_or_when_it_is_said(run: Run) -> None:
    done = run("officers", "pause", "ecology", "--until", "2026-09-01", *TODAY)
    assert done.stdout == "ecology gets no mail until 2026-09-01\n"
    assert listed(run)["ecology"]["stopped"] == "paused until 2026-09-01"
    (sent,) = json.loads(run("digest", "ecology", *TODAY, "--json").stdout)["digests"]
    assert (sent["state"], sent["cause"]) == ("stopped", "paused")
    (sent,) = json.loads(run("digest", "ecology", "--today", "2026-09-01", "--json").stdout)["digests"]
    assert sent["state"] == "sent"
    assert listed(run)["ecology"]["last_digest"] == "2026-09-01T00:00:00+00:00"
    said = run("officers", "pause", "ecology").stdout
    assert said == "ecology gets no mail until `funding officers resume ecology`\n"
    assert listed(run)["ecology"]["stopped"] == "paused"
    assert run("officers", "resume", "ecology").stdout == "mail goes out to ecology\n"
    assert listed(run)["ecology"]["mail"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("pause", "nobody"), 1, "`nobody` is no officer; there are: mobility_territory, ecology"),
        (("resume", "nobody"), 1, "`nobody` is no officer"),
        (("export", "nobody"), 1, "`nobody` is no officer"),
        (("pause", "ecology", "--until", "2026-08-22", *TODAY), 2, "must be a day to come"),
        (("pause", "ecology", "--until", "soon"), 2, "soon"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("officers", *arguments)
    assert (done.returncode, said in one_sentence(done)) == (code, True)


@pytest.mark.usefixtures("stored")
def test_all_that_is_kept_is_given_out_once_and_readable_by_its_owner_alone(
    run: Run, tmp_path: Path, var: Path
) -> None:
    run("digest", "ecology", *TODAY)
    file = tmp_path / "out" / "ecology.json"
    assert run("officers", "export", "ecology", "-o", file, *TODAY).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    data = json.loads(file.read_bytes())
    assert data == json.loads(run("officers", "export", "ecology", *TODAY).stdout)
    assert data["entry"]["email"] == ADDRESS
    (delivery,) = data["deliveries"]
    assert (delivery["state"], delivery["period"]) == ("sent", "2026-W34")
    assert delivery["calls"][0]["title"] == "Made-up call for rivers"
    assert ADDRESS in delivery["message"]
    assert [one["note"] for one in data["decisions"]] == ["TEST"]
    assert [one["stage"] for one in data["stages"]] == ["seen"]
    assert data["files"] == [str(var / "outbox" / "2026-W34-ecology.eml")]
    done = run("officers", "export", "ecology", "-o", file)
    assert (done.returncode, "--force replaces it" in one_sentence(done)) == (1, True)
    assert run("officers", "export", "ecology", "-o", file, "--force").returncode == 0


def traces(var: Path) -> set[str]:
    """The files below the home that hold the officer's id or address, or bear it in their name."""
    return {
        str(path.relative_to(var))
        for path in var.rglob("*")
        if path.is_file() and ("ecology" in path.name or ADDRESS.encode() in path.read_bytes())
    }


def assert_erased(database: Database, folder: Path) -> None:
    assert set(entries(folder)) == {"mobility_territory", "international", "cooperation_cohesion"}
    with database.reading() as session:
        deliveries = session.exec(select(Delivery)).all()
        assert "ecology" not in {one.officer for one in deliveries}
        assert len(session.exec(select(DeliveryItem)).all()) == 0
        assert "ecology" not in {one.officer for one in session.exec(select(MailStop))}


def test_an_erasure_says_what_goes_and_what_stays(
    run: Run, var: Path, folder: Path, stored: Database
) -> None:
    run("digest", "ecology", *TODAY)
    run("officers", "pause", "ecology", *TODAY)
    (var / "outbox" / ".2026-W34-ecology.eml.left_by_a_kill").write_text(ADDRESS, encoding="utf-8")
    (var / "outbox" / "2026-W34-not_ecology.eml").write_text("TEST", encoding="utf-8")
    (var / "demo" / "outbox").mkdir(parents=True)
    (var / "demo" / "outbox" / "2026-W34-ecology.eml").write_text(ADDRESS, encoding="utf-8")
    before = (folder / "officers.toml").read_bytes()
    tried = run("officers", "erase", "ecology")
    assert (tried.returncode, one_sentence(tried)) == (1, "nothing was erased: --yes does it\n")
    assert (folder / "officers.toml").read_bytes() == before
    said = [
        "erased:",
        f"  the entry in {folder / 'officers.toml'}",
        "  mails: 1",
        "  notes of which call a mail told: 1",
        "  stops of mail: 1",
        "  notes: 1",
        "  files of mails and previews: 2",
        "stay, as those of erased-1:",
        "  decisions: 1; the ranking learns from them",
        "  stages: 1; the organisation's record of what became of calls",
        "not reached from here: mails that were delivered, logs of the mail server, backups, exported files",
    ]
    assert tried.stdout.splitlines() == [
        one.replace("erased:", "would be erased:").replace("stay,", "would stay,") for one in said
    ]
    stored.close()
    done = run("officers", "erase", "ecology", "--yes", *TODAY)
    assert (done.returncode, done.stdout.splitlines()) == (0, said)
    assert traces(var) == {"outbox/2026-W34-not_ecology.eml"}
    assert_erased(stored, folder)
    again = run("officers", "erase", "ecology", "--yes", *TODAY)
    assert (again.returncode, again.stdout) == (0, "nothing is kept of ecology\n")


STEPS = ("begin_erasure", "shutil.rmtree", "replace_configuration", "end_erasure", "compact")


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_mails_nobody_and_completes_when_it_is_run_again(
    run: Run, var: Path, folder: Path, stored: Database, step: str
) -> None:
    run("digest", "ecology", *TODAY)
    (var / "demo").mkdir()
    stored.close()
    kill = f"import os, cli.personal_data\ncli.personal_data.{step} = lambda *_: os._exit(9)"
    killed = process(folder, var, "officers", "erase", "ecology", "--yes", *TODAY, code=kill)
    killed.communicate(timeout=60)
    assert killed.returncode == 9
    if step in ("shutil.rmtree", "replace_configuration"):
        (sent,) = json.loads(run("digest", "ecology", "--today", "2026-09-30", "--json").stdout)["digests"]
        assert (sent["state"], sent["cause"]) == ("stopped", "paused")
    assert run("officers", "erase", "ecology", "--yes", *TODAY).returncode == 0
    assert traces(var) == set()
    assert_erased(stored, folder)
    assert json.loads(run("officers", "list", "--json").stdout)["others"] == []


def test_whoever_was_taken_out_by_hand_is_found_and_the_id_is_nobody_elses(
    run: Run, folder: Path, stored: Database
) -> None:
    path = folder / "officers.toml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index('[[officer]]\nid = "ecology"'), text.index('[[officer]]\nid = "international"')
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    assert "data is kept of some who are not in officers.toml: ecology" in run("officers", "list").stdout
    assert json.loads(run("officers", "export", "ecology").stdout)["entry"] is None
    again = ("officers", "add", "ecology", "--email", "somebody-else@example.org", "--language", "ca")
    assert "`ecology` was somebody else" in one_sentence(run(*again))
    assert run("officers", "erase", "ecology", "--yes").returncode == 0
    assert_erased(stored, folder)
    assert run(*again).returncode == 0


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("schedule", "`funding schedule` is running and knows the officer"),
        ("digest-amb", "digest-amb: another process"),
    ],
)
def test_nobody_is_erased_while_mails_may_go_out(
    run: Run, var: Path, folder: Path, work: str, said: str
) -> None:
    with exclusive(var, work):
        done = run("officers", "erase", "ecology", "--yes")
    assert (done.returncode, said in one_sentence(done)) == (1, True)
    assert "ecology" in entries(folder)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, var: Path, folder: Path) -> Path:
    """A home for functions that are called without a command."""
    monkeypatch.setenv("FUNDING_HOME", str(var))
    monkeypatch.setenv("FUNDING_CONFIG", str(folder.parent))
    config.settings._load.cache_clear()  # noqa: SLF001
    return var


def test_a_preview_is_the_digest_and_leaves_no_trace_in_the_store(
    installed: Path, stored: Database, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    preview_digests(None, NOW.date(), as_json=True)
    previews = json.loads(capsys.readouterr().out)["previews"]
    assert [one["officer"] for one in previews] == list(entries(AMB))
    (shown,) = [one for one in previews if one["officer"] == "ecology"]
    assert (shown["html"], shown["calls"]) == (str(installed / "preview" / "ecology.html"), 1)
    html, text = (Path(shown[kind]).read_text(encoding="utf-8") for kind in ("html", "text"))
    assert "Made-up call for rivers" in html
    assert "Made-up call for rivers" in text
    assert not re.search(r"""<(img|link|script|iframe)\b|src=|url\(|@import""", html), "nothing is loaded"
    with stored.reading() as session:
        assert session.exec(select(Delivery)).all() == []
    (sent,) = json.loads(run("digest", "ecology", *TODAY, "--json").stdout)["digests"]
    assert (sent["state"], sent["items"]) == ("sent", 1)


@pytest.mark.usefixtures("stored")
def test_one_preview_opens_in_the_browser(var: Path, folder: Path, tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {shlex.quote(str(opened))}\n', encoding="utf-8")
    browser.chmod(0o755)
    code = (
        f"import os, sys\nos.environ['BROWSER'] = {f'{browser} %s'!r}\n"
        "from cli.previewing import preview_digests\n"
        "preview_digests(['ecology'], None)\n"
        "preview_digests(['international'], None, browser=False)\n"
        "preview_digests(['ecology', 'international'], None)\n"
        "sys.exit()"
    )
    done = process(folder, var, code=code)
    out, said = done.communicate(timeout=60)
    assert (done.returncode, said) == (0, "")
    html = var / "preview" / "ecology.html"
    assert str(html) in out.splitlines()
    assert opened.read_text(encoding="utf-8") == f"{html.as_uri()}\n"


@pytest.mark.usefixtures("installed", "stored")
def test_a_call_is_explained_in_the_officers_language(capsys: pytest.CaptureFixture[str]) -> None:
    explain_call("ecology", "TEST-1", NOW.date())
    title, *sentences = capsys.readouterr().out.splitlines()
    assert title == "Made-up call for rivers"
    explain_call("ecology", "test:TEST-1", NOW.date(), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["officer"], told["call"], told["why"]) == ("ecology", "test:TEST-1", sentences)
    explain_call("cooperation_cohesion", "TEST-1", NOW.date(), as_json=True)
    other = json.loads(capsys.readouterr().out)["why"]
    assert other
    assert other != sentences


@pytest.mark.usefixtures("stored")
def test_every_command_of_the_privacy_page_does_what_it_says(
    run: Run, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PRIVACY.read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in page.splitlines() if line.startswith("funding ")]
    assert {command[2] for command in commands} == {"list", "export", "pause", "resume", "erase"}
    monkeypatch.chdir(tmp_path)
    printed = run("digest", *TODAY)
    for command in commands:
        done = run(*command[1:])
        asks_first = command[2] == "erase" and "--yes" not in command
        assert done.returncode == (1 if asks_first else 0), done.stderr
        assert ADDRESS not in done.stdout + done.stderr
    assert ADDRESS not in printed.stdout + printed.stderr
    assert json.loads((tmp_path / "ecology.json").read_bytes())["entry"]["email"] == ADDRESS
    assert traces(var) == set()


def test_the_privacy_page_knows_every_table_that_names_an_officer() -> None:
    page = PRIVACY.read_text(encoding="utf-8")
    naming = {table.name for table in SQLModel.metadata.sorted_tables if "officer" in table.columns}
    assert {name for name in naming if f"table `{name}`" in page} == naming
