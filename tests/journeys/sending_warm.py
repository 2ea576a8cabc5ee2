"""What a long-running process has done before: those that are forked from one that imports this begin to send at once."""

from pathlib import Path
from tempfile import TemporaryDirectory

from notifier.preparing import prepare
from store.database import Database
from tests.journeys.sending import OURS
from tests.unit.notifier.builders import NOW, SENDER, matched, record

with TemporaryDirectory() as folder:
    database = Database(f"sqlite:///{Path(folder) / 'funding.db'}")
    matched(database, record("TEST-1"))
    for reader in OURS.officers:
        with database.writing() as session:
            prepare(session, OURS, reader, NOW, sender=SENDER)
    database.close()
