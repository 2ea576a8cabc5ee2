"""`funding organisation`: a new one from nothing, listed, checked, filled in, and put to use."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import config.settings
from config.organisation import load_organisation
from tests.conftest import AMB
from tests.journeys.test_cli import Done, Funding, one_sentence

Run = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(AMB, tmp_path / "config" / "amb")
    return tmp_path / "config"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> Run:
    funding = Funding(monkeypatch, capsys)

    def run(*arguments: str, **environment: str) -> Done:
        config.settings._load.cache_clear()  # each command is a process of its own  # noqa: SLF001
        given = {"FUNDING_CONFIG": str(folder)} | environment
        return funding(*arguments, home=tmp_path / "var", **given)

    return run


def fill_in(path: Path, **values: str) -> None:
    text = path.read_text(encoding="utf-8")
    for key, value in values.items():
        text, found = re.subn(rf'^{key} = (""|0|\[\])', f"{key} = {value}", text, flags=re.MULTILINE)
        assert found, key
    path.write_text(text, encoding="utf-8")


def test_an_heir_is_written_filled_in_and_put_to_use(run: Run, folder: Path) -> None:
    done = run(
        "organisation", "new", "town", "--inherits", "amb", "--name", 'TEST "town"', "--country", "ES",
        "--nuts", "ES51", "--nuts", "ES511",
    )  # fmt: skip
    assert done.returncode == 0
    assert "funding organisation check town" in done.stdout
    assert sorted(path.name for path in (folder / "town").iterdir()) == [
        "officers.toml",
        "organisation.toml",
        "portfolio.toml",
    ]
    checked = run("organisation", "check", "town")
    assert checked.returncode == 1
    missing = re.findall(r"organisation\.toml, line \d+: ([\w.]+): ", one_sentence(checked))
    assert missing == [
        "short_name",
        "website",
        *(f"nature.{language}" for language in ("ca", "es", "en", "fr")),
        "territory.municipalities",
        "territory.population",
        "language",
    ]
    path = folder / "town" / "organisation.toml"
    fill_in(path, short_name='"TEST"', website='"https://example.org/"', language='"ca"')
    fill_in(path, ca='"TEST"', es='"TEST"', en='"TEST"', fr='"TEST"', municipalities="1", population="9")
    checked = run("organisation", "check", "town")
    assert (checked.returncode, checked.stdout) == (
        0,
        "town is in order: 18 areas, 0 projects, 0 officers; inherits from amb\n",
    )
    town = load_organisation(folder / "town")
    assert town.profile.name.fr == 'TEST "town"'
    assert town.profile.territory.nuts == ("ES51", "ES511")
    use = {"FUNDING_ORGANISATION": "town"}
    added = run("officers", "add", "test_first", "--email", "first@example.org", "--language", "ca", **use)
    assert added.returncode == 0, added.stderr
    (officer,) = json.loads(run("officers", "list", "--json", **use).stdout)["officers"]
    assert officer["id"] == "test_first"
    assert run("match", **use).returncode == 0


def test_one_that_stands_alone_loads_once_all_is_filled_in(run: Run, folder: Path) -> None:
    assert run("organisation", "new", "alone").returncode == 0
    target = folder / "alone"
    assert {path.name for path in target.iterdir()} == {path.name for path in AMB.glob("*.toml")}
    assert run("organisation", "check", "alone").returncode == 1
    fill_in(
        target / "organisation.toml",
        short_name='"TEST"', website='"https://example.org/"', language='"en"', country='"FR"', nuts='["FRK2"]',
        municipalities="1", population="9", timezone='"Europe/Paris"', id='"pilot"',
        ca='"TEST"', es='"TEST"', en='"TEST"', fr='"TEST"',
    )  # fmt: skip
    text = (target / "organisation.toml").read_text(encoding="utf-8")
    words, lists = text.split("[roles.words]")
    (target / "organisation.toml").write_text(
        words + "[roles.words]" + re.sub(r'= "TEST"', "= []", lists), encoding="utf-8"
    )
    told = run("organisation", "check", "alone").stderr
    assert "policy_areas.toml, line 4: area[0].id: " in told
    fill_in(target / "policy_areas.toml", id='"test_area"')
    areas = target / "policy_areas.toml"
    names, keywords = areas.read_text(encoding="utf-8").split("[area.keywords]")
    areas.write_text(names.replace('""', '"TEST"') + "[area.keywords]" + keywords, encoding="utf-8")
    done = run("organisation", "check", "alone")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("amb",), "is there already; nothing was written"),
        (("../town",), "`../town`: a key is made of"),
        (("Town",), "`Town`: a key is made of"),
        (("class",), ""),
        (("town", "--inherits", "nowhere"), "`nowhere` is no organisation; known here: amb"),
    ],
)
def test_what_is_refused_writes_nothing(
    run: Run, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.toml")}
    done = run("organisation", "new", *arguments)
    if words:
        assert done.returncode == 1
        assert words in one_sentence(done)
        assert {path: path.read_bytes() for path in folder.parent.rglob("*.toml")} == before
    else:
        assert done.returncode == 0


def test_an_heir_of_an_heir_is_refused(run: Run, folder: Path) -> None:
    test_an_heir_is_written_filled_in_and_put_to_use(run, folder)
    done = run("organisation", "new", "quarter", "--inherits", "town")
    assert done.returncode == 1
    assert "`town` inherits itself" in one_sentence(done)
    assert not (folder / "quarter").exists()


def test_what_the_next_version_would_replace_is_refused(run: Run, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "config"
    shutil.copytree(AMB, installed / "amb")
    done = run("organisation", "new", "town", FUNDING_CONFIG=str(installed))
    assert done.returncode == 1
    assert "set FUNDING_CONFIG" in one_sentence(done)
    assert not (installed / "town").exists()


def test_the_list_shows_those_too_that_do_not_load(run: Run) -> None:
    run("organisation", "new", "town", "--inherits", "amb")
    found = json.loads(run("organisation", "list", "--json").stdout)
    assert [(one["key"], one["state"], one["in_use"]) for one in found] == [
        ("amb", "ok", True),
        ("town", "fault", False),
    ]
    assert found[0]["projects"] == 61
    assert any("short_name" in fault for fault in found[1]["faults"])
    table = " ".join(run("organisation", "list").stdout.split())  # however the terminal breaks its lines
    assert "amb (in use)" in table
    assert "funding organisation check town" in table
    done = run("organisation", "check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == found
