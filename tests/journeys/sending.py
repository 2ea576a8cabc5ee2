"""A process that sends digests, and ends at a step of one's choice."""

import os
import signal
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import notifier.digest
from config.settings import Settings
from notifier.digest import Outcome, send_digests
from notifier.transport import Smtp
from store.database import Database
from tests.unit.notifier.builders import SENDER, officer, organisation

# As many calls as the weeks in which nothing may get out: those beyond the limit of a digest are told later.
OURS = organisation(
    officer("weekly", limit=100),
    officer("daily", cadence="daily", limit=100),
    officer("water", "en", limit=100),
)


def send(home: Path, url: str, now: datetime, step: str, started: Connection) -> None:
    """Send what is due, as a process of its own, which ends at `step`."""

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def told(_: Outcome) -> None:
        if step == "noted":
            die()

    with pytest.MonkeyPatch.context() as patch:
        if step == "prepared":
            patch.setattr(notifier.digest, "deliver", die)
        if step == "claimed":
            patch.setattr(Smtp, "send", die)
        settings = Settings(home=home, mail_from=SENDER, smtp_url=SecretStr(url), mails_per_minute=100_000)
        database = Database(settings.database)
        started.send("now")
        send_digests(database, OURS, settings, now, progress=told)
        database.close()
