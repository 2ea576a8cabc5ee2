"""What `make audit` makes of pip-audit, which asks a service on this machine."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.serving import Replica
from tests.audit import NOT_REACHED, Verdict, audit, judge

WEAK = {
    "id": "TEST-2026-1",
    "summary": "Made-up vulnerability",
    "affected": [
        {
            "package": {"name": "weak", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


async def answer(request: Request) -> Response:
    package: dict[str, Any] = json.loads(await request.body())["package"]
    return JSONResponse({"vulns": [WEAK]} if package["name"] == "weak" else {})


def audited(folder: Path, app: Starlette, *pins: str) -> Verdict:
    pinned = folder / "constraints.txt"
    pinned.write_text("\n".join(pins), encoding="utf-8")
    with Replica(app) as service:
        return audit([str(pinned), "--vulnerability-service=osv", f"--osv-url={service.address}/query"])


SERVICE = Starlette(routes=[Route("/query", answer, methods=["POST"])])


def test_a_vulnerability_fails_it(tmp_path: Path) -> None:
    verdict = audited(tmp_path, SERVICE, "sound==2.0", "weak==1.0")
    assert verdict == Verdict(1, "weak 1.0: TEST-2026-1, mended in 1.1")


def test_packages_without_one_pass(tmp_path: Path) -> None:
    assert audited(tmp_path, SERVICE, "sound==2.0") == Verdict(0, "no known vulnerability in 1 packages")


@pytest.mark.parametrize("status", [404, 503])
def test_a_service_that_does_not_answer_fails_nothing(tmp_path: Path, status: int) -> None:
    async def refuse(_: Request) -> Response:
        return PlainTextResponse("", status)

    app = Starlette(routes=[Route("/query", refuse, methods=["POST"])])
    assert audited(tmp_path, app, "sound==2.0") == Verdict(0, NOT_REACHED)


def test_a_service_that_is_away_fails_nothing(tmp_path: Path) -> None:
    pinned = tmp_path / "constraints.txt"
    pinned.write_text("sound==2.0", encoding="utf-8")
    away = ["--vulnerability-service=osv", "--osv-url=http://127.0.0.1:9/query"]
    assert audit([str(pinned), *away]) == Verdict(0, NOT_REACHED)


def test_a_service_that_takes_too_long_fails_nothing(tmp_path: Path) -> None:
    verdict = audit([str(tmp_path / "constraints.txt")], seconds=0.01)
    assert verdict == Verdict(0, f"{NOT_REACHED} within 0.01 seconds")


def test_a_list_that_cannot_be_read_fails_it(tmp_path: Path) -> None:
    verdict = audited(tmp_path, SERVICE, "sound>=2")
    assert verdict.code == 1
    assert "sound" in verdict.words


def test_what_the_service_does_not_know_is_counted() -> None:
    known: dict[str, object] = {"name": "sound", "version": "2.0", "vulns": []}
    unknown: dict[str, object] = {"name": "new", "skip_reason": "not found"}
    assert judge({"dependencies": [unknown]}) == Verdict(0, NOT_REACHED)
    assert judge({"dependencies": [known, unknown]}) == Verdict(
        0, "no known vulnerability in 1 packages; 1 more are not known to the service"
    )
