"""An organisation that inherits from another: what it takes over, what it adds, and how a mistake is told."""

import shutil
import time
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.organisation import load_organisation
from config.schema import Heir, Identity, Profile
from tests.conftest import AMB

TOWN = """\
id = "town"
inherits = "amb"
short_name = "TEST"
website = "https://example.org/"
language = "ca"
name = { ca = "Vila", es = "Villa", en = "Town", fr = "Ville" }
nature = { ca = "TEST", es = "TEST", en = "TEST", fr = "TEST" }
territory = { country = "ES", nuts = ["ES511"], municipalities = 1, population = 1000 }
"""
TERMS = "{ ca = [], es = [], en = [], fr = [] }"
AREA = f"""\
[[area]]
id = "{{}}"
name = {{{{ ca = "TEST", es = "TEST", en = "TEST", fr = "TEST" }}}}
basis = "TEST"
lines = ["{{}}"]
keywords = {TERMS.replace("{", "{{").replace("}", "}}")}
"""
PROJECT = """\
[[project]]
id = "test_project"
name = "TEST"
kind = "standing"
areas = ["{}"]
summary = "TEST"
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The folder of an heir of AMB that states nothing but who it is."""
    shutil.copytree(AMB, tmp_path / "amb")
    return heir(tmp_path, "town")


def heir(folder: Path, key: str, inherits: str = "amb") -> Path:
    target = folder / key
    target.mkdir()
    text = TOWN.replace('"town"', f'"{key}"').replace('"amb"', f'"{inherits}"')
    (target / "organisation.toml").write_text(text, encoding="utf-8")
    return target


def add(folder: Path, file: str, text: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as opened:
        opened.write(text)


def refusal(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_organisation(folder)
    return str(caught.value)


def test_an_heir_has_all_of_the_other_s_but_projects_and_officers(town: Path) -> None:
    parent, found = load_organisation(AMB), load_organisation(town)
    assert (found.key, found.inherits, parent.inherits) == ("town", "amb", "")
    for field in ("areas", "partners", "networks", "sources", "rules", "programmes"):
        assert getattr(found, field) == getattr(parent, field) != (), field
    for field in set(Profile.model_fields) - set(Identity.model_fields):
        assert getattr(found.profile, field) == getattr(parent.profile, field), field
    assert (found.projects, found.officers) == ((), ())
    assert found.profile.territory.population == 1000
    assert found.profile.name.en == "Town"


def test_an_heir_may_state_whatever_the_other_states() -> None:
    assert set(Heir.model_fields) == {*Profile.model_fields, "inherits"}


def test_what_an_heir_states_is_added_or_takes_the_place_of_the_same_id(town: Path) -> None:
    add(town, "policy_areas.toml", AREA.format("test_area", "test_line") + AREA.format("mobility", "line_2"))
    add(town, "portfolio.toml", PROJECT.format("test_area") + PROJECT.format("water").replace("test_p", "p"))
    name = 'name = { ca = "TEST", es = "TEST", en = "TEST", fr = "TEST" }'
    add(town, "organisation.toml", f'[[lines]]\nid = "test_line"\n{name}\n[lacks]\nca = ["TEST"]\n')
    add(town, "organisation.toml", "es = []\nen = []\nfr = []\n")
    parent, found = load_organisation(AMB), load_organisation(town)
    ids = [area.id for area in parent.areas]
    assert [area.id for area in found.areas] == [*ids, "test_area"]
    assert found.area("mobility").basis == "TEST" != parent.area("mobility").basis
    assert found.area("water") == parent.area("water")
    assert [project.id for project in found.projects] == ["test_project", "project"]
    assert [line.id for line in found.profile.lines] == [line.id for line in parent.profile.lines] + [
        "test_line"
    ]
    assert found.profile.lacks.ca == ("TEST",)
    assert load_organisation(AMB) == parent


def test_a_source_is_switched_off_for_an_heir_alone(town: Path) -> None:
    text = (AMB / "sources.toml").read_text(encoding="utf-8").split("[[source]]")[1]
    off = text.replace("enabled = true", 'enabled = false\nreason = "TEST"')
    assert off != text
    add(town, "sources.toml", f"[[source]]{off}")
    found = load_organisation(town).source("eu_portal")
    assert found is not None
    assert (found.enabled, found.reason) == (False, "TEST")
    assert len(load_organisation(town).sources) == len(load_organisation(AMB).sources)


@pytest.mark.parametrize(
    ("file", "text", "line", "said"),
    [
        (
            "portfolio.toml",
            PROJECT.format("nowhere"),
            5,
            "test_project.areas: `nowhere` is unknown; expected",
        ),
        (
            "policy_areas.toml",
            AREA.format("test_area", "nowhere"),
            5,
            "test_area.lines: `nowhere` is unknown",
        ),
        ("policy_areas.toml", AREA.format("x", "line_1") * 2, 7, "x: stands twice; every id is used once"),
        ("organisation.toml", "[projects]\n", 9, "projects: Extra inputs are not permitted"),
        ("organisation.toml", "lines = 1\n", 9, "lines: Input should be a valid tuple"),
    ],
)
def test_a_mistake_of_an_heir_is_told_in_its_own_file(
    town: Path, file: str, text: str, line: int, said: str
) -> None:
    add(town, file, text)
    told = refusal(town)
    assert told.startswith(f"{town / file}, line {line}: "), told
    assert said in told


@pytest.mark.parametrize(
    ("inherits", "said"),
    [
        ("nowhere", "inherits: `nowhere` is no organisation; known here: amb, other, town"),
        ("town", "inherits: `town` inherits itself; name an organisation that stands on its own"),
        ("other", "inherits: `other` inherits itself; name an organisation that stands on its own"),
        ("../amb", "inherits: String should match pattern"),
    ],
)
def test_whom_an_heir_cannot_inherit_from(town: Path, inherits: str, said: str) -> None:
    heir(town.parent, "other", "town")
    text = (town / "organisation.toml").read_text(encoding="utf-8").replace('"amb"', f'"{inherits}"')
    (town / "organisation.toml").write_text(text, encoding="utf-8")
    told = refusal(town)
    assert told.startswith(f"{town / 'organisation.toml'}, line 2: ")
    assert said in told


def test_a_mistake_of_the_other_is_told_in_its_file(town: Path) -> None:
    broken = town.parent / "amb" / "sources.toml"
    broken.write_text("TEST", encoding="utf-8")
    assert refusal(town).startswith(f"{broken}: cannot be read as TOML")


def test_a_change_of_the_other_is_seen_at_once(town: Path) -> None:
    before = load_organisation(town)
    areas = town.parent / "amb" / "policy_areas.toml"
    areas.write_text(
        areas.read_text(encoding="utf-8").replace('id = "water"', 'id = "waters"'), encoding="utf-8"
    )
    portfolio = town.parent / "amb" / "portfolio.toml"
    portfolio.write_text("", encoding="utf-8")
    officers = town.parent / "amb" / "officers.toml"
    officers.write_text("", encoding="utf-8")
    found = load_organisation(town)
    assert {area.id for area in found.areas} - {area.id for area in before.areas} == {"waters"}


def test_two_folders_cannot_share_an_id(town: Path) -> None:
    """Rows are kept by it: a copy that forgot to change it would read and write the other's."""
    shutil.copytree(AMB, town.parent / "copy")
    told = refusal(town.parent / "copy")
    assert "organisation.toml, line 6: id: must be `copy`, as its folder is called" in told


def test_many_heirs_load_in_seconds(town: Path) -> None:
    folders = [heir(town.parent, f"town_{number}") for number in range(150)]
    before = time.process_time()
    assert {len(load_organisation(folder).areas) for folder in folders} == {18}
    assert time.process_time() - before < 5
