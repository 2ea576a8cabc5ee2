"""The commands as a person or another program runs them: what they print, and how they end."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

import config
from cli import main
from crawler.replicas.eu_portal import create_app
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import Replica

COMMAND = (sys.executable, "-u", "-c", "from cli import main; main()")
TODAY = ("--today", "2026-08-22")
SAMPLE = RECORDS / "eu_portal.jsonl"


@dataclass
class Done:
    """What a command printed and the code it ended with."""

    returncode: int
    stdout: str
    stderr: str


class Funding:
    """Runs commands in this process: `funding("crawl", "--json", home=…, FUNDING_…=…)`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, *arguments: str, home: Path, **environment: str) -> Done:
        with self.monkeypatch.context() as patch:
            for name in list(os.environ):
                if name.startswith("FUNDING_"):
                    patch.delenv(name)
            for name, value in {
                "FUNDING_HOME": str(home),
                "FUNDING_ENCODER": "none",
                "COLUMNS": "160",
                **environment,
            }.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["funding", *arguments])
            with pytest.raises(SystemExit) as end:
                main()
        printed = self.capsys.readouterr()
        return Done(int(end.value.code or 0), printed.out, printed.err)


@pytest.fixture
def funding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Funding:
    return Funding(monkeypatch, capsys)


def one_sentence(done: Done) -> str:
    """What was complained of; a traceback is never shown for what a user can mend."""
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A home whose store holds the sample, and what `crawl --json` printed; run as another program would."""
    home = tmp_path_factory.mktemp("home")
    with Replica(create_app(load_records(SAMPLE))) as replica:
        done = subprocess.run(
            [*COMMAND, "crawl", "eu_portal", *TODAY, "--json"],
            env=os.environ | {"FUNDING_HOME": str(home), "FUNDING_ADDRESS_EU_PORTAL": replica.address},
            capture_output=True,
            text=True,
            check=True,
        )
    return home, json.loads(done.stdout)


def test_crawl_prints_its_runs(crawled: tuple[Path, dict[str, Any]]) -> None:
    (run,) = crawled[1]["runs"]
    rows = len(load_records(SAMPLE))
    assert run["source"] == "eu_portal"
    assert run["outcome"] == "ok"
    assert run["error"] == ""
    assert (run["seen"], run["declared"], run["new"]) == (rows, rows, rows)
    assert (run["changed"], run["quarantined"]) == (0, 0)
    assert run["seconds"] > 0


def test_a_portal_that_cannot_be_reached_fails_and_loses_nothing(
    funding: Funding, crawled: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(crawled[0], home)
    before = json.loads(funding("calls", "--status", "all", "--json", home=home).stdout)
    done = funding("crawl", "eu_portal", "--json", home=home, FUNDING_ADDRESS_EU_PORTAL="http://127.0.0.1:9")
    assert done.returncode == 1
    (run,) = json.loads(done.stdout)["runs"]
    assert (run["outcome"], run["error"], run["seen"]) == ("failed", "unavailable", 0)
    assert json.loads(funding("calls", "--status", "all", "--json", home=home).stdout) == before


def test_calls_by_state_add_up(funding: Funding, crawled: tuple[Path, dict[str, Any]]) -> None:
    home, _ = crawled
    counts = {
        status: json.loads(funding("calls", "--status", status, *TODAY, "--json", home=home).stdout)
        for status in ("all", "open", "forthcoming", "closed")
    }
    assert len(counts["all"]) == len(load_records(SAMPLE))
    assert len(counts["all"]) == sum(len(counts[status]) for status in ("open", "forthcoming", "closed"))
    assert all(counts.values())
    assert {"source_key", "identifiers", "titles", "deadlines", "budget_cents", "state"} <= counts["open"][
        0
    ].keys()


def test_sources_say_why_they_are_off(funding: Funding, crawled: tuple[Path, dict[str, Any]]) -> None:
    rows = json.loads(funding("sources", "--json", home=crawled[0]).stdout)
    by_key = {row["key"]: row for row in rows}
    assert by_key["eu_portal"]["state"] == "on"
    assert by_key["eu_portal"]["last_run"]["outcome"] == "ok"
    assert by_key["undp"]["state"] == "off"
    assert "robots.txt" in by_key["undp"]["reason"]
    assert by_key["undp"]["last_run"] is None


def test_evaluate_prints_the_figures(
    funding: Funding, crawled: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    gold = tmp_path / "gold.csv"
    references = [record["reference"] for record in load_records(SAMPLE)[:20]]
    rows = [f"{reference},{number % 4}" for number, reference in enumerate(references)]
    gold.write_text("\n".join(["reference,relevance", *rows, "TEST-missing,3"]), encoding="utf-8")
    figures = json.loads(funding("evaluate", "--gold", str(gold), "--json", home=crawled[0]).stdout)
    assert {"ndcg_10", "ndcg_20", "p_20", "ap", "r_15", "r3_15"} <= figures.keys()
    assert figures["missing"] == 1
    table = funding("evaluate", "--gold", str(gold), home=crawled[0])
    assert f"{figures['ap']:.3f}" in table.stdout


def test_match_digest_and_summary(funding: Funding, crawled: tuple[Path, dict[str, Any]]) -> None:
    home, _ = crawled
    matched = funding("match", *TODAY, "--json", home=home)
    assert json.loads(matched.stdout)["calls"] == len(load_records(SAMPLE))
    first = json.loads(funding("digest", *TODAY, "--json", home=home).stdout)["digests"]
    assert {digest["state"] for digest in first} == {"sent"}
    assert len(list((home / "outbox").glob("*.eml"))) == len(first)
    again = json.loads(funding("digest", *TODAY, "--json", home=home).stdout)["digests"]
    assert {digest["state"] for digest in again} == {"already"}
    written = funding("summary", *TODAY, "--language", "en", home=home)
    assert written.returncode == 0
    assert '<html lang="en"' in (home / "summary.html").read_text(encoding="utf-8")


def test_doctor_finds_a_working_installation_in_order(
    funding: Funding, crawled: tuple[Path, dict[str, Any]]
) -> None:
    done = funding("doctor", *TODAY, "--json", home=crawled[0])
    findings = {finding["what"]: finding["state"] for finding in json.loads(done.stdout)}
    assert done.returncode == 0
    assert findings["configuration"] == findings["database"] == findings["source eu_portal"] == "ok"


def test_replica_prints_its_address_first_and_serves() -> None:
    process = subprocess.Popen(
        [*COMMAND, "replica", "eu_portal", "--records", str(SAMPLE)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with (
            pytest.raises(HTTPError) as refusal,
            urlopen(f"{address}/search-api/prod/rest/search?apiKey=SEDIA"),
        ):
            pass
        assert refusal.value.code == 405
        refusal.value.close()
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("crawl", "nowhere"), 1, "`nowhere` is no source"),
        (("crawl", "undp"), 1, "switched off"),
        (("calls", "--today", "yesterday"), 2, "yesterday"),
        (("calls", "--status", "odd"), 2, "odd"),
        (("digest", "nobody"), 1, "`nobody` is no officer"),
        (("evaluate", "--gold", "missing.csv"), 1, "missing.csv"),
        (("replica", "eu_portal", "--records", "missing.jsonl"), 1, "missing.jsonl"),
        (("replica", "elsewhere", "--records", "missing.jsonl"), 1, "elsewhere"),
        (("summary", "--language", "de"), 2, "de"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_an_exit_code(
    funding: Funding, arguments: tuple[str, ...], code: int, words: str, tmp_path: Path
) -> None:
    done = funding(*arguments, home=tmp_path)
    assert done.returncode == code
    assert words in one_sentence(done)


def test_a_broken_configuration_is_told_by_file_and_key(funding: Funding, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(Path(config.__file__).parent / "amb", folder / "amb")
    officers = folder / "amb" / "officers.toml"
    officers.write_text(
        officers.read_text(encoding="utf-8").replace('language = "ca"', 'language = "xx"'), encoding="utf-8"
    )
    done = funding("sources", home=tmp_path, FUNDING_CONFIG=str(folder))
    assert done.returncode == 1
    assert "officers.toml" in one_sentence(done)
    assert "language" in done.stderr
    examined = funding("doctor", "--json", home=tmp_path, FUNDING_CONFIG=str(folder))
    assert examined.returncode == 1
    assert json.loads(examined.stdout)[0]["state"] == "fault"


def test_a_setting_that_does_not_fit_is_told_by_its_name(funding: Funding, tmp_path: Path) -> None:
    done = funding("sources", home=tmp_path, FUNDING_CRAWL_TIMEOUT="soon")
    assert done.returncode == 1
    assert "FUNDING_CRAWL_TIMEOUT" in one_sentence(done)


def test_a_database_that_is_none_is_told(funding: Funding, tmp_path: Path) -> None:
    (tmp_path / "funding.db").write_text("TEST: this is no database" * 50, encoding="utf-8")
    done = funding("sources", home=tmp_path)
    assert done.returncode == 1
    assert "funding.db" in one_sentence(done)


def test_a_home_that_cannot_be_made_is_told(funding: Funding, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = funding("sources", home=tmp_path / "taken")
    assert done.returncode == 1
    assert "taken" in one_sentence(done)
