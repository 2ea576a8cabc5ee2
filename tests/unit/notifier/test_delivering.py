"""What becomes of digests when servers refuse, hang up or keep silent, and when processes are killed."""

from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import select

from config.schema import Officer
from config.settings import Settings
from notifier.digest import Outcome, deliver, send_digests
from notifier.preparing import prepare
from notifier.transport import DeliveryError, Envelope, ServerError, UnclearError
from store.database import Database
from store.deliveries import LONGEST_PAUSE, pause_after
from store.locks import BusyError
from store.mail_stops import Cause, lift, standing_stop, stop
from store.models import Delivery, MailStop
from tests.unit.notifier.builders import NOW, SENDER, match, matched, officer, organisation, record, store
from tests.unit.notifier.mail_server import MailServer, served

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@dataclass
class Recorder:
    """A transport that keeps what it is handed, and then fails as it is told to."""

    fault: BaseException | None = None
    sent: list[bytes] = field(default_factory=list)

    def await_turn(self) -> None:
        """Takes any number."""

    def send(self, envelope: Envelope, message: bytes) -> None:
        assert envelope.name == "2026-W10-mobility"
        self.sent.append(message)
        if self.fault:
            raise self.fault


def prepared(database: Database) -> int:
    matched(database, record("TEST-1"))
    with database.writing() as session:
        delivery = prepare(session, organisation(), officer(), NOW, sender=SENDER)
        assert delivery is not None
        assert delivery.id is not None
        return delivery.id


def handed(
    database: Database, delivery_id: int, transport: Recorder, after: timedelta = timedelta(0)
) -> Outcome:
    return deliver(database, delivery_id, officer(), SENDER, transport, NOW + after)


def row(database: Database, period: str = "2026-W10") -> Delivery:
    with database.reading() as session:
        return session.exec(select(Delivery).where(Delivery.period == period)).one()


def settings(home: Path, server: MailServer) -> Settings:
    return Settings(home=home, mail_from=SENDER, smtp_url=SecretStr(server.url))


def states(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(outcome.period, outcome.state) for outcome in outcomes]


def tell(database: Database, key: str) -> None:
    store(database, record(key))
    match(database, (key, 1.0))


def ids(server: MailServer) -> list[str]:
    return [str(message_from_bytes(message)["Message-ID"]) for message in server.arrived]


def test_a_mail_is_claimed_sent_and_noted(database: Database) -> None:
    delivery_id, transport = prepared(database), Recorder()
    assert handed(database, delivery_id, transport) == Outcome("mobility", "2026-W10", "sent", 1)
    assert handed(database, delivery_id, transport).state == "already"
    assert len(transport.sent) == 1
    assert (row(database).tries, row(database).sent_at) == (1, NOW)


def test_a_process_killed_before_the_note_sends_the_same_mail_again(database: Database) -> None:
    delivery_id = prepared(database)
    killed, next_one = Recorder(SystemExit()), Recorder()
    with pytest.raises(SystemExit):
        handed(database, delivery_id, killed)
    assert row(database).state == "sending"
    assert handed(database, delivery_id, next_one).state == "sent"
    assert killed.sent == next_one.sent
    assert message_from_bytes(next_one.sent[0])["Message-ID"] == "<2026-W10.mobility.test@example.org>"


def test_a_mail_that_failed_is_tried_again_when_its_time_has_come(database: Database) -> None:
    delivery_id = prepared(database)
    failed = handed(database, delivery_id, Recorder(DeliveryError("451 later")))
    assert (failed.state, failed.error, failed.unsent) == ("failed", "451 later", True)
    early = Recorder()
    waiting = handed(database, delivery_id, early, pause_after(1) - timedelta(seconds=1))
    assert (waiting.state, waiting.error, waiting.unsent, early.sent) == ("waiting", "451 later", True, [])
    assert handed(database, delivery_id, Recorder(), pause_after(1)).state == "sent"
    assert (row(database).error, row(database).next_try_at) == ("", None)


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = [pause_after(tries) for tries in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[1] == 2 * pauses[0]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_server_that_is_away_is_no_try_and_nobody_waits_once_it_is_back(database: Database) -> None:
    delivery_id = prepared(database)
    assert handed(database, delivery_id, Recorder(ServerError("away"))).state == "failed"
    assert handed(database, delivery_id, Recorder()).state == "sent"


def test_a_mail_in_doubt_stays_so_until_it_is_taken(database: Database) -> None:
    delivery_id = prepared(database)
    faults = [UnclearError("no answer"), DeliveryError("451 later"), ServerError("away")]
    recorders = [*map(Recorder, faults), Recorder()]
    outcomes = [
        handed(database, delivery_id, recorder, after=n * 24 * HOUR) for n, recorder in enumerate(recorders)
    ]
    assert [outcome.state for outcome in outcomes] == ["unclear", "unclear", "unclear", "sent"]
    assert len({message for recorder in recorders for message in recorder.sent}) == 1


def test_a_recipient_that_is_refused_gets_no_more_mail_until_the_address_changes(
    database: Database, tmp_path: Path
) -> None:
    matched(database, record("TEST-1"))
    refusing = MailServer({"RCPT": ["550 5.1.1 No such user mobility@example.org", "250 OK"]})
    with served(refusing) as server:

        def send(reader: Officer, weeks: int = 0) -> list[Outcome]:
            ours, where = organisation(reader), settings(tmp_path, server)
            return send_digests(database, ours, where, NOW + weeks * WEEK)

        assert states(send(officer())) == [("2026-W10", "refused")]
        (again,) = send(officer(), 1)
        assert (again.state, again.cause, again.unsent) == ("stopped", "refused", False)
        with database.reading() as session:
            (stopped,) = session.exec(select(MailStop)).all()
            assert standing_stop(session, "test", "mobility", "mobility@example.org", NOW) is not None
        assert stopped.reason == "550 5.1.1 No such user …"
        assert "example.org" not in row(database).error
        assert states(send(officer(email="new@example.org"), 1)) == [("2026-W11", "sent")]
    assert server.recipients == ["new@example.org"]
    assert b"TEST-1" in server.arrived[0]


def test_the_week_of_a_refusal_is_written_for_the_new_address(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    with served(MailServer({"RCPT": ["550 No such user", "250 OK"]})) as server:
        send_digests(database, organisation(), settings(tmp_path, server), NOW)
        moved = organisation(officer(email="new@example.org"))
        assert states(send_digests(database, moved, settings(tmp_path, server), NOW + HOUR)) == [
            ("2026-W10", "sent")
        ]
    assert message_from_bytes(server.arrived[0])["To"] == "new@example.org"


@pytest.mark.parametrize("cause", [Cause.PAUSED, Cause.UNSUBSCRIBED])
def test_a_stop_is_honoured_and_told(database: Database, tmp_path: Path, cause: Cause) -> None:
    matched(database, record("TEST-1"))
    with database.writing() as session:
        stop(session, "test", "mobility", cause, NOW)
    with served(MailServer()) as server:
        outcomes = send_digests(database, organisation(), settings(tmp_path, server), NOW)
        assert outcomes == [Outcome("mobility", "2026-W10", "stopped", cause=cause)]
        assert server.arrived == []
        with database.writing() as session:
            lift(session, "test", "mobility", NOW)
        later = send_digests(database, organisation(), settings(tmp_path, server), NOW + 4 * WEEK)
    assert states(later) == [("2026-W14", "sent")]
    assert b"TEST-1" in server.arrived[0]


def test_a_mail_dropped_after_its_text_is_finished_before_another_is_written(
    database: Database, tmp_path: Path
) -> None:
    matched(database, record("TEST-1"))
    with served(MailServer(hangs_up=["text"])) as server:

        def send(weeks: int) -> list[tuple[str, str]]:
            return states(
                send_digests(database, organisation(), settings(tmp_path, server), NOW + weeks * WEEK)
            )

        assert send(0) == [("2026-W10", "unclear")]
        tell(database, "TEST-2")
        server.answers = {"text": ["451 Later", "250 OK"]}
        assert send(1) == [("2026-W10", "unclear")]
        assert send(2) == [("2026-W10", "sent"), ("2026-W12", "sent")]
    first, again, then = server.arrived
    assert first == again
    assert b"TEST-1" in first
    assert b"TEST-1" not in then
    assert b"TEST-2" in then


@pytest.mark.parametrize("answer", ["421 Busy", "451 4.7.1 Greylisted", "554 5.7.1 Relay access denied"])
def test_a_mail_that_was_not_taken_is_told_by_the_next_week_s(
    database: Database, tmp_path: Path, answer: str
) -> None:
    matched(database, record("TEST-1"))
    with served(MailServer({"RCPT": [answer, "250 OK"]})) as server:
        for weeks, expected in enumerate((("2026-W10", "failed"), ("2026-W11", "sent"))):
            sent = send_digests(database, organisation(), settings(tmp_path, server), NOW + weeks * WEEK)
            assert states(sent) == [expected]
    assert ids(server) == ["<2026-W11.mobility.test@example.org>"]
    assert b"TEST-1" in server.arrived[0]
    assert row(database).state == "superseded"


def test_a_fault_of_one_officer_is_not_the_others(database: Database, tmp_path: Path) -> None:
    ours = organisation(officer("mobility"), officer("water", email="água@example.org"), officer("waste"))
    with served(MailServer({"RCPT": ["450 Later", "250 OK"]})) as server:
        outcomes = send_digests(database, ours, settings(tmp_path, server), NOW)
    assert [one.state for one in outcomes] == ["failed", "failed", "sent"]
    assert "before the @" in outcomes[1].error


def test_a_sender_that_is_none_is_said_before_anything_is_sent(database: Database, tmp_path: Path) -> None:
    wrong = Settings(home=tmp_path, mail_from="nobody")
    with pytest.raises(DeliveryError, match="FUNDING_MAIL_FROM"):
        send_digests(database, organisation(), wrong, NOW)


def test_daily_weekly_and_at_once_in_one_run(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"), percentile=99.0)
    ours = organisation(
        officer("weekly"), officer("daily", cadence="daily"), officer("instant", cadence="instant")
    )
    with served(MailServer()) as server:
        runs = [
            states(send_digests(database, ours, settings(tmp_path, server), NOW + hours * HOUR))
            for hours in (0, 1, 24)
        ]
    assert runs == [
        [("2026-W10", "sent"), ("2026-03-02", "sent"), ("2026-W10", "sent")],
        [("2026-W10", "already"), ("2026-03-02", "already")],
        [("2026-W10", "already"), ("2026-03-03", "sent")],
    ]
    assert len(set(ids(server))) == len(server.arrived) == 4


def test_of_two_that_send_at_once_one_does(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    both, ended = Barrier(2), []

    def send(server: MailServer) -> None:
        both.wait()
        try:
            ended.append(states(send_digests(database, organisation(), settings(tmp_path, server), NOW)))
        except BusyError:
            ended.append([])

    with served(MailServer()) as server:
        threads = [Thread(target=send, args=[server]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [("2026-W10", "sent")] in ended
    assert len(server.arrived) == 1


@pytest.mark.parametrize(
    ("review", "secret", "one_click"),
    [
        ("https://review.example.org", "s" * 32, True),
        ("https://review.example.org", "", False),
        ("http://localhost:8000", "s" * 32, False),
        ("", "", False),
    ],
)
def test_one_click_takes_an_https_address_and_a_secret(
    database: Database, tmp_path: Path, review: str, secret: str, one_click: bool
) -> None:
    with served(MailServer()) as server:
        fields: dict[str, Any] = {"review_url": review, "secret": SecretStr(secret)}
        here = settings(tmp_path, server).model_copy(update=fields)
        send_digests(database, organisation(), here, NOW)
    mail = message_from_bytes(server.arrived[0])
    assert (mail["List-Unsubscribe-Post"] is not None) == one_click
    start = (
        "<https://review.example.org/unsubscribe/" if one_click else "<mailto:tracker@example.org?subject="
    )
    assert mail["List-Unsubscribe"].startswith(start)
