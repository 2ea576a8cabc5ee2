"""A running review as those see it who watch it: probe, metrics, log."""

import json
import signal
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx

from store.clients import add_client
from store.database import Database
from tests.journeys.test_review import SECRET, started

SOMEBODY = "someone@example.org"


def test_probe_metrics_and_log_of_a_running_review(home: Path) -> None:
    with closing(Database(f"sqlite:///{home / 'funding.db'}")) as database, database.writing() as session:
        token = add_client(session, "amb", "test-monitoring", datetime.now(UTC))
    given = {"FUNDING_SECRET": SECRET, "FUNDING_REVIEW_URL": "https://review.example.org"}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with started(home, "--sign-in", "--port", port, **given) as (process, _):
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as asking:
            assert asking.get("/healthz").json() == {"status": "ok"}
            assert asking.get("/metrics").status_code == 401
            told = asking.get("/metrics", headers={"Authorization": f"Bearer {token}"})
            asking.get("/sign-in", params={"next": f"/?q={SOMEBODY}"}, headers={"X-Email": SOMEBODY})
            asking.get(f"/{SOMEBODY}")
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=30)
    assert 'funding_review_requests_total{method="GET",route="/healthz",status="200"} 1.0' in told.text
    assert (process.returncode, out) == (0, "")
    lines = [json.loads(line) for line in errors.splitlines()]
    requests = [(one["route"], one["status"]) for one in lines if one["event"] == "request"]
    assert requests == [("/sign-in", 200), ("none", 303)]
    assert all(one["milliseconds"] > 0 for one in lines if one["event"] == "request")
    for shown in (SOMEBODY, "127.0.0.1", token):
        assert shown not in errors
