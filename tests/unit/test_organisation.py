"""The organisation's files and the settings: what loads, and how a mistake is told."""

import re
import shutil
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.organisation import LANGUAGES, load_organisation
from config.settings import load_settings

AMB = Path(__file__).parents[2] / "config" / "amb"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AMB, tmp_path / "amb"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def message(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_organisation(folder)
    return str(caught.value)


def test_areas_have_names_and_keywords_in_every_language() -> None:
    areas = load_organisation(AMB).areas
    assert len(areas) == 18
    for area in areas:
        for language in LANGUAGES:
            assert area.name[language], area.id
            assert len(area.keywords[language]) >= 10, area.id


def test_projects_and_officers_point_to_known_areas() -> None:
    organisation = load_organisation(AMB)
    known = {area.id for area in organisation.areas}
    assert {area for project in organisation.projects for area in project.areas} <= known
    assert {area for officer in organisation.officers for area in officer.areas} == known


def test_plan_s_partners_networks_and_roles_are_there() -> None:
    organisation = load_organisation(AMB)
    assert len(organisation.partners) == 32
    assert len(organisation.networks) == 8
    assert [line.id for line in organisation.profile.lines] == [f"line_{n}" for n in range(1, 6)]
    assert [role.id for role in organisation.profile.roles] == [
        "lead",
        "partner",
        "pilot",
        "buyer",
        "forward",
    ]
    off = {source.key: source.forbidden for source in organisation.sources if not source.enabled}
    assert off == {"grants_gov": False, "ted": False, "undp": True, "ungm": True}


def hits(rule_id: str, text: str) -> bool:
    rule = next(rule for rule in load_organisation(AMB).rules if rule.id == rule_id)
    found = re.search(rule.pattern, text, re.IGNORECASE)
    return bool(found and not (rule.unless and re.search(rule.unless, text, re.IGNORECASE)))


@pytest.mark.parametrize(
    ("rule", "closed", "open_"),
    [
        ("eic_accelerator", "HORIZON-EIC-2026-ACCELERATOR-01", "HORIZON-EIC-2026-PRIZE-ICAPITAL-01"),
        ("eic_accelerator", "HORIZON-EIC-2026-STEP", "HORIZON-EIC-2023-INNOVPRO-01-01"),
        ("widening", "HORIZON-WIDERA-2026-02-WIDENING-01", "CERV-2026-CITIZENS-TOWN-TT"),
        ("msca_doctoral", "HORIZON-MSCA-2026-DN-01-01", "HORIZON-MSCA-2027-CITIZENS-01-01"),
        ("cascade_closed_class", "Open Call for Farmers", "Open call for SMEs that pilot in cities"),
        (
            "cascade_closed_class",
            "2nd open call: fermented food processors",
            "Start-ups in energy communities",
        ),
        (
            "framework_beneficiary",
            "Specific Grant Agreement",
            "Specific Grant Agreements for the Cities Mission",
        ),
        ("only_another_class", "Only universities can apply.", "Not only universities can apply."),
        ("restricted_call", "This is a restricted call.", "guidance for participation in restricted calls"),
        (
            "other_biogeographical_region",
            "Soil in Alpine regions",
            "Soil in Alpine and Mediterranean regions",
        ),
        ("public_buyers", "at least 3 public procurers", "at least 3 public procurers of hospitals"),
    ],
)
def test_rule_meets_what_it_means_and_spares_the_rest(rule: str, closed: str, open_: str) -> None:
    assert hits(rule, closed)
    assert not hits(rule, open_)


def test_no_such_organisation_lists_the_known_ones(folder: Path) -> None:
    assert "known here: amb" in message(folder.parent / "other")


def test_missing_file(folder: Path) -> None:
    (folder / "officers.toml").unlink()
    assert message(folder) == f"{folder / 'officers.toml'}: the file is missing"


def test_broken_toml(folder: Path) -> None:
    replace(folder / "sources.toml", 'key = "eu_portal"', "key = eu_portal")
    assert "sources.toml: cannot be read as TOML" in message(folder)


def test_unknown_key(folder: Path) -> None:
    replace(folder / "organisation.toml", "short_name", "shortname")
    told = message(folder)
    assert "organisation.toml: shortname: Extra inputs are not permitted" in told
    assert "organisation.toml: short_name: Field required" in told


def test_wrong_type(folder: Path) -> None:
    replace(folder / "organisation.toml", "municipalities = 36", 'municipalities = "many"')
    assert "organisation.toml: territory.municipalities: " in message(folder)


def test_unknown_area_of_an_officer(folder: Path) -> None:
    replace(folder / "officers.toml", '"air_noise"', '"airnoise"')
    told = message(folder)
    assert "officers.toml: mobility_territory.areas: `airnoise` is unknown; expected one of: air" in told


def test_unknown_area_of_a_project(folder: Path) -> None:
    replace(folder / "portfolio.toml", '"green_blue", "governance"', '"greenblue", "governance"')
    assert "portfolio.toml: guarden.areas: `greenblue` is unknown" in message(folder)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("policy_areas.toml", 'id = "mobility"', 'id = "territory"'),
        ("portfolio.toml", 'id = "procure"', 'id = "guarden"'),
        ("partners.toml", 'id = "milano"', 'id = "grand_lyon"'),
        ("sources.toml", 'key = "ungm"', 'key = "undp"'),
        ("officers.toml", 'id = "ecology"', 'id = "mobility_territory"'),
        ("eligibility.toml", 'id = "erc"', 'id = "widening"'),
    ],
)
def test_duplicate_id(folder: Path, file: str, old: str, new: str) -> None:
    replace(folder / file, old, new)
    told = message(folder)
    assert f"{file}: {new.split(chr(34))[1]}" in told
    assert "stands twice" in told


def test_regular_expression_that_does_not_compile(folder: Path) -> None:
    replace(folder / "eligibility.toml", "pattern = 'EIC Accelerator'", "pattern = 'EIC (Accelerator'")
    told = message(folder)
    assert "eligibility.toml: rule[1] (eic_accelerator_action)" in told
    assert "`EIC (Accelerator` is not a regular expression" in told


def test_source_switched_off_needs_a_reason(folder: Path) -> None:
    replace(folder / "sources.toml", 'reason = "The portal\'s robots.txt disallows all crawling."', "")
    assert re.search(r"sources\.toml: source\[\d+\] \(undp\)", message(folder))


def test_source_that_forbids_it_cannot_be_switched_on(folder: Path) -> None:
    text = (folder / "sources.toml").read_text(encoding="utf-8")
    before, after = text.split('key = "undp"')
    after = after.replace("enabled = false", "enabled = true", 1)
    (folder / "sources.toml").write_text(f'{before}key = "undp"{after}', encoding="utf-8")
    assert "(undp): Value error, it cannot be switched on: The portal's robots.txt" in message(folder)


def test_address_of_a_source_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FUNDING_HOME", str(tmp_path))
    monkeypatch.setenv("FUNDING_ADDRESS_EU_PORTAL", "http://127.0.0.1:8000/")
    settings = load_settings()
    assert settings.home == tmp_path
    assert settings.address_of("eu_portal", "https://example.org") == "http://127.0.0.1:8000"
    assert settings.address_of("elsewhere", "https://example.org/") == "https://example.org"


def test_other_settings_stand_beside_the_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_CRAWL_TIMEOUT", "60")
    monkeypatch.setenv("FUNDING_DATABASE_URL", "sqlite://")
    settings = load_settings()
    assert (settings.crawl_timeout, settings.database) == (60, "sqlite://")


def test_invalid_setting_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_CRAWL_TIMEOUT", "soon")
    with pytest.raises(ConfigurationError, match="FUNDING_CRAWL_TIMEOUT: "):
        load_settings()


def test_settings_load_the_chosen_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_ORGANISATION", "amb")
    assert load_settings().load_organisation().key == "amb"
