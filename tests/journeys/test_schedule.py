"""`funding schedule` as it stands in a service file: it starts, makes up for what was missed, and stops when told."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from config.organisation import load_organisation
from config.settings import Settings
from crawler.replicas.eu_portal import create_app
from crawler.replicas.serving import Replica
from scheduler import WEEKLY, due_times, weekly_trigger
from store.database import Database
from store.jobs import begin_job, end_job
from store.models import JobRun

COMMAND = (sys.executable, "-u", "-c", "from cli import main; main()")


def start(home: Path, config: Path, address: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "schedule"],
        env=os.environ
        | {"FUNDING_HOME": str(home), "FUNDING_CONFIG": str(config), "FUNDING_ADDRESS_EU_PORTAL": address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_missed_week_is_made_up_for_and_a_second_scheduler_refused(
    tmp_path: Path, eu_portal_alone: Path
) -> None:
    settings = Settings(home=tmp_path)
    organisation = load_organisation(eu_portal_alone / "amb")
    now = datetime.now(UTC)
    missed = due_times(weekly_trigger(organisation), now - timedelta(days=15), now)[0]
    database = Database(settings.database)
    with database.writing() as session:
        run = begin_job(session, organisation.key, WEEKLY, missed, now)
        assert run is not None
        assert run.id is not None
        end_job(session, run.id, "ok", now)
    with Replica(create_app([])) as portal:
        process = start(tmp_path, eu_portal_alone, portal.address)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("next run: Monday")
        printed = iter(process.stdout.readline, "")
        assert any("calls ranked" in line for line in printed)
        second = start(tmp_path, eu_portal_alone, portal.address)
        complaint = second.communicate(timeout=60)[1]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert second.returncode == 1
    assert "schedule: another process is at it" in complaint
    with database.reading() as session:
        runs = [
            (row.due_at, row.outcome) for row in session.exec(select(JobRun).order_by(col(JobRun.due_at)))
        ]
    assert [due_at for due_at, _ in runs] == [missed, missed + timedelta(days=7)]
    assert "Traceback" not in complaint
    database.close()
