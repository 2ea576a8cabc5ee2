"""The doctor tells what the ranking goes by, and why not by something better."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.examining import doctor


def examined(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with pytest.raises(typer.Exit):
        doctor(as_json=True)
    (finding,) = [entry for entry in json.loads(capsys.readouterr().out) if entry["what"] == "matcher"]
    assert isinstance(finding, dict)
    return finding


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("choice", "state", "said"),
    [
        ("none", "ok", "words, no sentence vectors; FUNDING_ENCODER is none"),
        ("use", "ok", "words, and sentence vectors by use/0.2.1/0db566fd0af8; FUNDING_ENCODER is use"),
        ("sentence-transformers:nowhere", "warning", "nowhere is no folder with a model"),
    ],
)
def test_the_tier_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], choice: str, state: str, said: str
) -> None:
    monkeypatch.setenv("FUNDING_ENCODER", choice)
    finding = examined(capsys)
    assert finding["state"] == state
    assert said in finding["remark"]


def test_a_choice_that_does_not_exist(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUNDING_ENCODER", "e5")
    with pytest.raises(typer.Exit):
        doctor(as_json=True)
    assert "FUNDING_ENCODER" in capsys.readouterr().out
    assert not list(home.iterdir())


@pytest.mark.usefixtures("home")
def test_it_ends_with_1_where_something_is_a_fault_and_asks_no_server_offline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FUNDING_SMTP_URL", "smtp://127.0.0.1:9")
    for offline, code, state in ((False, 1, "fault"), (True, 0, "ok")):
        with pytest.raises(typer.Exit) as end:
            doctor(offline=offline, as_json=True)
        states = {one["what"]: one["state"] for one in json.loads(capsys.readouterr().out)}
        assert (end.value.exit_code, states.pop("mail")) == (code, state)
        assert "fault" not in states.values()
