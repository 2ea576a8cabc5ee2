"""`funding new-source`: what it writes works at once, fails one test that says what to do, and passes when that is done."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import scaffolding
from config.organisation import load_organisation
from crawler.contract import Contract
from crawler.scaffolding import Method, ScaffoldError, new_source
from tests.journeys.test_cli import Funding

ROOT = Path(__file__).parents[2]
NAMES = {method: f"test_{method}" for method in Method}
LONGEST = {method: f"{method}_of_a_source_with_a_very_long_name"[:40] for method in Method}
SHORTEST = {method: f"x{number}" for number, method in enumerate(Method)}
TITLE = "Made-up source of a test"


@dataclass(frozen=True)
class Checkout:
    """A copy of this one."""

    root: Path

    @property
    def sources(self) -> Path:
        return self.root / "config" / "amb" / "sources.toml"

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def test(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "pytest", "-n0", "-q", *arguments, **environment)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which a source was begun by every method."""
    root = tmp_path_factory.mktemp("checkout") / "copy"
    ignored = shutil.ignore_patterns(".*", "var", "build", "__pycache__", "*.egg-info", "gold", "*.png")
    shutil.copytree(ROOT, root, ignore=ignored)
    copy = Checkout(root)
    for names in (NAMES, LONGEST, SHORTEST):
        for method, name in names.items():
            new_source(root, copy.sources, name, method, TITLE, "")
    written = copy.run("-m", "crawler.contract", *NAMES.values())
    assert written.returncode == 0, written.stderr
    return copy


def test_its_spiders_are_listed(checkout: Checkout) -> None:
    listed = checkout.run("-m", "scrapy", "list")
    assert {*NAMES.values(), *LONGEST.values(), *SHORTEST.values()} <= set(listed.stdout.split())


def test_it_is_as_tidy_as_all_else_however_long_its_name_is(checkout: Checkout) -> None:
    for command in (["check"], ["format", "--check"]):
        done = checkout.run("-m", "ruff", *command, "--no-cache", "crawler", "tests/sources")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("method", Method)
def test_its_replica_is_read_from_the_first_minute(checkout: Checkout, method: Method) -> None:
    path = checkout.root / "crawler" / "contracts" / f"{NAMES[method]}.json"
    contract = Contract.model_validate_json(path.read_bytes())
    assert contract.records["titles"] == 1


@pytest.mark.parametrize("method", Method)
def test_it_is_switched_off_and_says_why(checkout: Checkout, method: Method) -> None:
    source = load_organisation(checkout.sources.parent).source(NAMES[method])
    assert source is not None
    assert (source.name, source.enabled, source.verified) == (TITLE, False, False)
    assert source.reason == "It is not finished yet."
    assert source.address == f"https://test-{method}.invalid"


def test_its_test_fails_and_says_what_to_do_next(checkout: Checkout) -> None:
    done = checkout.test("-k", "finished", *(f"tests/sources/{name}" for name in NAMES.values()))
    assert done.returncode == 1
    said = re.findall(r"(?m)^E +AssertionError: this source is not finished\. What to do next:", done.stdout)
    assert len(said) == len(NAMES)
    for name in NAMES.values():
        assert f"crawler/replicas/records/{name}.jsonl" in done.stdout


def test_its_test_passes_once_it_is_filled_in(checkout: Checkout) -> None:
    name = NAMES[Method.LISTING]
    row = {"title": "TEST-1 Made-up call", "href": "/calls/test-1", "deadline": "late in autumn"}
    records = checkout.root / "crawler" / "replicas" / "records" / f"{name}.jsonl"
    records.write_text(json.dumps(row) + "\n", encoding="utf-8")
    folder = checkout.root / "tests" / "sources" / name
    checkout.test(f"{folder}", "-k", "test_field", REWRITE_EXPECTED="1")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert expected["/calls/test-1"]["deadlines"][0]["prose"] == "late in autumn"
    done = checkout.test(f"{folder}")
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def everything(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in root.rglob("*") if "__pycache__" not in path.parts}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("Test", "--method", "paged"), 1, "`Test` cannot be the name of a source"),
        (("test-1", "--method", "paged"), 1, "`test-1` cannot be the name of a source"),
        (("import", "--method", "paged"), 1, "`import` cannot be the name of a source"),
        (("all", "--method", "paged"), 1, "`all` cannot be the name of a source"),
        (("eeas", "--method", "listing"), 1, "`eeas` is taken: there is crawler/spiders/eeas.py"),
        (("scheme", "--method", "scheme"), 1, "`scheme` is taken: there is crawler/parsers/scheme.py"),
        (("undp", "--method", "paged"), 1, "`undp` is taken: it stands in"),
        (("test_1", "--method", "soap"), 2, "soap"),
        (("test_1",), 2, "--method"),
        (("test_1", "--method", "paged", "--name", 'a "call"'), 1, "a name for people is one line"),
        (("test_1", "--method", "paged", "--address", "example.org"), 1, "is no address such as"),
    ],
)
def test_what_cannot_be_a_source_is_refused_in_a_sentence_and_nothing_is_written(
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    before = everything(checkout.root)
    monkeypatch.setattr(scaffolding, "CHECKOUT", checkout.root)
    done = Funding(monkeypatch, capsys)(
        "new-source", *arguments, home=checkout.root, FUNDING_CONFIG=str(checkout.root / "config")
    )
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(checkout.root) == before


def test_outside_a_checkout_there_is_nowhere_to_write(checkout: Checkout, tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match="is no checkout of this program"):
        new_source(tmp_path, checkout.sources, "test_1", Method.PAGED, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_listed(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scaffolding, "CHECKOUT", checkout.root)
    monkeypatch.setattr(
        scaffolding, "write_contracts", lambda names: [Path(f"{name}.json") for name in names]
    )
    address = ("--name", "Ajuts inventats", "--address", "https://example.org/ca/ajuts/")
    done = Funding(monkeypatch, capsys)(
        *("new-source", "test_named", "--method", "listing", *address),
        home=checkout.root,
        FUNDING_CONFIG=str(checkout.root / "config"),
    )
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "crawler/spiders/test_named.py",
        "crawler/parsers/test_named.py",
        "crawler/replicas/test_named.py",
        "crawler/replicas/records/test_named.jsonl",
        "tests/sources/test_named/test_test_named.py",
        "tests/sources/test_named/expected.json",
        "docs/sources/test_named.md",
        "config/amb/sources.toml",
        "test_named.json",
        "",
        "What to do next is what its test says: python -m pytest -n0 tests/sources/test_named",
    ]
    records = (checkout.root / "crawler/replicas/records/test_named.jsonl").read_text(encoding="utf-8")
    assert json.loads(records)["href"] == "/ca/ajuts/test-0"
    parser = (checkout.root / "crawler/parsers/test_named.py").read_text(encoding="utf-8")
    assert 'HOME = "https://example.org"\nPATH = "/ca/ajuts/"\n' in parser
    source = load_organisation(checkout.sources.parent).source("test_named")
    assert source is not None
    assert (source.name, source.page) == ("Ajuts inventats", "https://example.org/ca/ajuts/")
