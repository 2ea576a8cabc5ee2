"""Each check of the doctor: what it finds in order, what it does not, and what it then says to do."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from cli.checks.clocks import check_clock, check_zones
from cli.checks.configuration import check_review, check_secrets
from cli.checks.findings import Finding
from cli.checks.mail import check_mail
from cli.checks.sources import check_sources
from cli.checks.storage import check_backups, check_database, check_disks
from cli.checks.work import check_jobs, check_queue
from config.organisation import Organisation, load_organisation
from config.settings import Settings
from jobs.installation import Installation
from jobs.plan import Task, Work, plan
from jobs.queue import Queue
from store.backup import back_up
from store.database import MIGRATIONS, Database
from store.models import CrawlRun, JobRun
from store.upgrading import newest_revision, stored_revision
from tests.conftest import AMB
from tests.databases import empty, new_postgresql
from tests.unit.notifier.mail_server import MailServer, served

NOW = datetime(2026, 8, 26, 12, tzinfo=UTC)
"""A Wednesday."""
DAY = timedelta(days=1)
SECRET = "test-" * 8


def refused(finding: Finding, state: str, *said: str) -> None:
    assert finding.state == state, finding
    for words in said:
        assert words in finding.remark
    assert "\n" not in finding.remark


@pytest.fixture(scope="module")
def amb() -> Organisation:
    return load_organisation(AMB)


# Configuration


@pytest.mark.usefixtures("home")
def test_secrets_that_others_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    file = folder / "FUNDING_SECRET"
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(0o644)
    monkeypatch.setenv("FUNDING_SECRETS", str(folder))
    refused(check_secrets(), "fault", str(file), f"chmod o-r {file}")
    file.chmod(0o640)
    assert check_secrets() == Finding("secrets", "ok", f"files in {folder}")


@pytest.mark.parametrize(
    ("facts", "state", "said"),
    [
        ({}, "ok", "FUNDING_REVIEW_URL is not set"),
        ({"review_url": "https://review.example.org"}, "fault", "FUNDING_SECRET"),
        ({"proxy_header": "X-Email"}, "fault", "FUNDING_SECRET"),
        ({"proxy_header": "X-Email", "secret": SECRET}, "fault", "FUNDING_REVIEW_URL"),
        ({"review_url": "http://review.example.org", "secret": SECRET}, "warning", "TLS"),
        ({"review_url": "http://127.0.0.1:8642", "secret": SECRET}, "ok", "by mailed links"),
        ({"review_url": "https://review.example.org", "secret": SECRET}, "ok", "by mailed links"),
    ],
)
def test_a_review_for_others(facts: dict[str, Any], state: str, said: str) -> None:
    refused(check_review(Settings(**facts)), state, said)


# Database, disks, backups


def at_revision(url: str, revision: str) -> None:
    config, engine = Config(), create_engine(url)
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_upgrade_is_told(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = (
        request.getfixturevalue("postgresql")
        if engine == "postgresql"
        else f"sqlite:///{tmp_path}/funding.db"
    )
    assert stored_revision(url) is None
    assert not (tmp_path / "funding.db").exists()
    at_revision(url, "0009")
    before = stored_revision(url)
    assert before == "0009"
    with closing(Database(url)) as database:
        refused(
            check_database(database, before),
            "ok",
            f"upgraded just now from revision 0009 to {newest_revision()}",
        )
        refused(check_database(database, stored_revision(url)), "ok", f"at revision {newest_revision()}")
        refused(check_database(database, None), "ok", "made just now")


@pytest.mark.parametrize("url", ["nonsense", "oracle://nowhere", "postgresql+psycopg://x:pw@127.0.0.1:9/x"])
def test_a_database_that_cannot_be_asked_is_left_to_its_opening(url: str) -> None:
    assert stored_revision(url) is None


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system in memory at `folder`, which takes the administrator."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=8m") as small:
        settings = Settings(home=tmp_path, database_url=f"sqlite:///{small}/funding.db")
        home, full = check_disks(settings)
        assert home.state == "ok"
        refused(full, "fault", f"MB free for {small}", "500 MB are needed")


def test_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=64m") as small:
        file = small / "funding.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            assert check_database(database, newest_revision()).state == "ok"
            database.close()
            subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
            refused(check_database(database, newest_revision()), "fault", "may be written")
        (home,) = check_disks(Settings(home=small))
        refused(home, "fault", f"{small} cannot be written")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    (home,) = check_disks(Settings(home=tmp_path))
    tmp_path.chmod(0o700)
    refused(home, "fault", f"{tmp_path} cannot be written")


def test_one_disk_is_told_once_and_a_folder_to_come_is_none_yet(tmp_path: Path) -> None:
    (found,) = check_disks(Settings(home=tmp_path / "to" / "come"))
    assert found.state == "ok"
    assert not (tmp_path / "to").exists()


def test_backups_by_their_age(tmp_path: Path, made_sqlite: Path) -> None:
    shutil.copy(made_sqlite, tmp_path / "funding.db")
    settings = Settings(home=tmp_path)
    refused(check_backups(settings, NOW), "warning", "run `funding backup`")
    with closing(Database(settings.database)) as database:
        taken = back_up(database, settings, NOW)
    os.utime(taken, (NOW.timestamp(),) * 2)
    refused(check_backups(settings, NOW + DAY), "ok", "1, the newest of 2026-08-26 12:00 UTC")
    refused(check_backups(settings, NOW + 3 * DAY), "warning", "older than two days", "run `funding backup`")


# Clock


def test_time_zones() -> None:
    assert check_zones({"America/Montreal"}).state == "ok"
    refused(check_zones({"Test/Nowhere"}), "fault", "Test/Nowhere", "pip install --upgrade tzdata")


def job_run(name: str, organisation: str = "", **facts: Any) -> JobRun:
    known: dict[str, Any] = {
        "due_at": NOW - DAY,
        "started_at": NOW - DAY,
        "ended_at": NOW - DAY,
        "outcome": "ok",
    }
    return JobRun(organisation=organisation, job=name, **known | facts)


def add(database: Database, *rows: CrawlRun | JobRun) -> None:
    with database.writing() as session:
        session.add_all(rows)


def crawl_run(source: str, outcome: str, ended_at: datetime | None, **facts: Any) -> CrawlRun:
    return CrawlRun(source=source, started_at=NOW, ended_at=ended_at, outcome=outcome, **facts)


def test_a_clock_that_was_set_back(database: Database) -> None:
    assert check_clock(database, ["amb"], NOW).state == "ok"
    add(database, crawl_run("test", "ok", NOW + 30 * DAY))
    refused(check_clock(database, ["amb"], NOW), "warning", "2026-09-25", "--today")
    add(database, job_run("match", "amb", started_at=NOW + DAY))
    refused(check_clock(database, ["amb"], NOW), "fault", "2026-08-27 12:00 UTC", "timedatectl")
    assert check_clock(database, ["amb"], NOW + 31 * DAY).state == "ok"


def test_the_clock_of_the_server(made_postgresql: str) -> None:
    now = datetime.now(UTC)
    with closing(Database(made_postgresql)) as database:
        empty(database)
        assert check_clock(database, ["amb"], now).state == "ok"
        refused(check_clock(database, ["amb"], now - timedelta(minutes=5)), "warning", "seconds ahead", "NTP")
        refused(check_clock(database, ["amb"], now + timedelta(minutes=5)), "warning", "seconds behind")


# Mail


def knows(*, password: str) -> Any:
    def authenticate(
        _server: object, _session: object, _envelope: object, _kind: str, given: Any
    ) -> AuthResult:
        return AuthResult(success=given.password == password.encode(), handled=False)

    return {"authenticator": authenticate, "auth_require_tls": False}


def mail(url: str, *, offline: bool = False) -> Finding:
    return check_mail(Settings(smtp_url=url), offline=offline)


def test_a_mail_server_that_lets_in() -> None:
    with served(MailServer(user="tracker:right@"), **knows(password="right")) as server:
        refused(mail(server.url), "ok", f"127.0.0.1:{server.port} lets this installation in")
        assert (server.connections, server.arrived) == (1, [])


def test_a_mail_server_that_refuses_the_password() -> None:
    with served(MailServer(user="tracker:wrong@"), **knows(password="right")) as server:
        finding = mail(server.url)
    refused(finding, "fault", "it refuses user and password", "check FUNDING_SMTP_URL")
    assert "wrong" not in finding.remark


def test_a_mail_server_that_is_away_or_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"smtp://127.0.0.1:{free.getsockname()[1]}"
    refused(mail(url), "fault", "it cannot be reached")
    refused(mail(url, offline=True), "ok", "was not asked")
    refused(mail("nonsense", offline=True), "fault", "FUNDING_SMTP_URL")
    refused(mail(""), "warning", "reach nobody")


# Sources


def source_of(database: Database, amb: Organisation, key: str) -> Finding:
    return next(one for one in check_sources(database, amb, NOW) if one.what == f"source {key}")


def test_sources_by_their_last_reading(database: Database, amb: Organisation) -> None:
    daily = next(one.key for one in amb.sources if one.enabled and one.cadence == "daily")
    weekly = next(one.key for one in amb.sources if one.enabled and one.cadence == "weekly")
    refused(source_of(database, amb, daily), "warning", f"never read: funding crawl {daily}")
    add(
        database,
        crawl_run(daily, "ok", NOW - 4 * DAY, seen=9),
        crawl_run(weekly, "ok", NOW - 4 * DAY, seen=9),
    )
    refused(source_of(database, amb, daily), "warning", "no calls since 2026-08-22", f"funding crawl {daily}")
    refused(source_of(database, amb, weekly), "ok", "ok, 9 rows")
    add(database, crawl_run(daily, "partial", NOW - DAY, seen=5, detail="3 of 8 rows"))
    refused(source_of(database, amb, daily), "warning", "partial, 5 rows 3 of 8 rows")
    add(database, crawl_run(daily, "failed", NOW, detail="blocked"))
    refused(source_of(database, amb, daily), "fault", "failed, 0 rows blocked")
    add(database, crawl_run(daily, "ok", NOW, seen=9), crawl_run(daily, "running", None))
    refused(source_of(database, amb, daily), "ok", "ok, 9 rows")


# Jobs and queue


def test_jobs_that_are_late(database: Database, amb: Organisation) -> None:
    def found() -> dict[str, Finding]:
        return {one.what: one for one in check_jobs(database, [amb], NOW)}

    refused(found()["jobs"], "warning", "start `funding schedule`")
    jobs = plan([amb])
    add(
        database,
        *(
            job_run(one.work.name, one.work.organisation, outcome="skipped")
            for one in jobs
            if one.work.task is not Task.MATCH
        ),
    )
    assert found().keys() == {"jobs", "job amb: match"}
    refused(found()["job amb: match"], "warning", "never heard of")
    add(database, job_run("match", "amb", ended_at=NOW - 3 * DAY, due_at=NOW - 3 * DAY))
    refused(found()["job amb: match"], "warning", "last well on 2026-08-23 12:00 UTC", "funding schedule")
    add(database, job_run("match", "amb", outcome="failed", detail="TEST: no disk\nsecond line"))
    refused(found()["job amb: match"], "warning", "then failed (TEST: no disk): see its log")
    add(database, job_run("match", "amb", due_at=NOW))
    refused(found()["jobs"], "ok", f"{len(jobs)} of {len(jobs)}")
    add(database, job_run("backup", outcome="failed", due_at=NOW))
    refused(found()["job backup"], "warning", "never well")


def test_a_weekly_job_has_two_weeks(database: Database, amb: Organisation) -> None:
    add(database, job_run("learn", "amb", ended_at=NOW - 13 * DAY))
    assert "job amb: learn" not in {one.what for one in check_jobs(database, [amb], NOW)}
    late = {one.what for one in check_jobs(database, [amb], NOW + 2 * DAY)}
    assert "job amb: learn" in late


def test_the_queue(tmp_path: Path, database: Database) -> None:
    refused(check_queue(database), "ok", "none")
    with new_postgresql() as url, closing(Database(url)) as shared:
        with closing(Queue(Installation(Settings(home=tmp_path), shared))) as queue:
            refused(check_queue(shared), "ok", "0 wait, 0 run, 0 failed; 0 workers")
            queue.hand(Work(Task.BACKUP), NOW)
        refused(check_queue(shared), "fault", "1 wait", "start `funding worker`")
        sql(shared, "INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (now())")
        refused(check_queue(shared), "ok", "1 workers")
        sql(shared, "UPDATE queue.procrastinate_events SET at = now() - interval '3 hours'")
        refused(check_queue(shared), "warning", "has waited for 3 hours")
        sql(
            shared,
            "INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')",
        )
        sql(shared, "UPDATE queue.procrastinate_jobs SET status = 'failed'")
        refused(
            check_queue(shared), "warning", "1 gone without a word", "1 failed", "done again by the schedule"
        )


def sql(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL search_path = queue")
        connection.exec_driver_sql(statement)
