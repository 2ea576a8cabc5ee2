"""The organisation's files and the settings: what loads, and how a mistake is told."""

import re
import shutil
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.lines import line_of
from config.organisation import KINDS, LANGUAGES, load_organisation
from config.settings import load_settings
from store.records import Kind

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


def line(path: Path, words: str) -> int:
    """The line on which `words` stand first."""
    text = path.read_text(encoding="utf-8")
    return text[: text.index(words)].count("\n") + 1


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
        ("framework_beneficiary", "Specific Grant Agreement", "Framework Partnership Agreement"),
        ("framework_beneficiary_identifier", "LIFE-2026-NGO-OG-SGA", "HORIZON-CL5-2026-SGATEST"),
        ("identified_beneficiary", "DIGITAL-JU-TEST-2026-01-IBA", "HORIZON-IBATEST-2026-01"),
        ("cohesion_envelope", "CEF-T-2026-CORECOEN-TEST", "CEF-T-2026-CORE-TEST"),
        ("europe_direct_elsewhere", "ED-2026-PORTUGAL-FPA", "ED-2026-SPAIN-FPA"),
        ("health_joint_actions", "EU4H-2026-JA-IBA", "EU4H-2026-PJ-01"),
        ("national_points", "Network of National Contact Points", "Contact points for cities"),
        (
            "national_authorities",
            "Call for proposals to national equality bodies",
            "Call for proposals for national and local authorities",
        ),
        ("prizes_for_persons", "European Prize for Women Innovators", "European Capital of Innovation"),
        (
            "small_municipalities",
            "municipis de fins a 1.000 habitants",
            "municipis de més de 50.000 habitants",
        ),
        ("public_bodies_es", "personas jurídicas, públicas o privadas", "personas jurídicas privadas"),
        ("non_profit_entities_ca", "entitats sense finalitat de lucre", "entitats sense por"),
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
    assert "organisation.toml, line 7: shortname: Extra inputs are not permitted" in told
    assert "organisation.toml, line 1: short_name: Field required" in told


def test_wrong_type(folder: Path) -> None:
    replace(folder / "organisation.toml", "municipalities = 36", 'municipalities = "many"')
    told = message(folder)
    assert f"organisation.toml, line {line(folder / 'organisation.toml', 'municipalities =')}: " in told
    assert "territory.municipalities: Input should be a valid integer" in told


def test_unknown_area_of_an_officer(folder: Path) -> None:
    replace(folder / "officers.toml", '"air_noise"', '"airnoise"')
    told = message(folder)
    assert (
        f"officers.toml, line {line(folder / 'officers.toml', 'airnoise')}: mobility_territory.areas: "
        in told
    )
    assert "`airnoise` is unknown; expected one of: air" in told


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("lines", "metropolis", "`metropolis` is unknown; expected one of: "),
        (
            "kinds",
            "grant",
            "`grant` is unknown; expected one of: advance_notice, call, cascade, prize, scheme",
        ),
        ("geography", "oceania", "Input should be 'europe', 'mediterranean'"),
        ("languages", "de", "Input should be 'ca', 'es', 'en' or 'fr'"),
    ],
)
def test_what_an_officer_asks_for_is_known(folder: Path, field: str, value: str, expected: str) -> None:
    quoted = f'["{value}"]'
    replace(folder / "officers.toml", "limit = 20", f"limit = 20\n{field} = {quoted}")
    told = message(folder)
    assert f"officers.toml, line {line(folder / 'officers.toml', quoted)}: " in told
    assert f"{field}" in told
    assert expected in told


def test_an_officer_may_ask_for_much(folder: Path) -> None:
    replace(
        folder / "officers.toml", "limit = 20", 'cadence = "daily"\nkinds = ["call"]\ngeography = ["asia"]'
    )
    officer = load_organisation(folder).officer("international")
    assert officer is not None
    assert (officer.cadence, officer.kinds, officer.geography) == ("daily", ("call",), ("asia",))


def test_kinds_of_call_are_those_of_the_store() -> None:
    assert set(Kind) == KINDS


def test_unknown_area_of_a_project(folder: Path) -> None:
    replace(folder / "portfolio.toml", '"green_blue", "governance"', '"greenblue", "governance"')
    number = line(folder / "portfolio.toml", "greenblue")
    assert f"portfolio.toml, line {number}: guarden.areas: `greenblue` is unknown" in message(folder)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("policy_areas.toml", 'id = "mobility"', 'id = "territory"'),
        ("portfolio.toml", 'id = "procure"', 'id = "guarden"'),
        ("partners.toml", 'id = "milano"', 'id = "grand_lyon"'),
        ("partners.toml", 'id = "uclg"', 'id = "metropolis"'),
        ("sources.toml", 'key = "ungm"', 'key = "undp"'),
        ("officers.toml", 'id = "ecology"', 'id = "mobility_territory"'),
        ("eligibility.toml", 'id = "erc"', 'id = "widening"'),
        ("eligibility.toml", 'id = "life_standard"', 'id = "life_clean_energy"'),
    ],
)
def test_duplicate_id(folder: Path, file: str, old: str, new: str) -> None:
    replace(folder / file, old, new)
    text = (folder / file).read_text(encoding="utf-8").splitlines()
    second = [number for number, written in enumerate(text, start=1) if written == new][1]
    key = new.split('"')[1]
    # The table's own line: that of its header.
    assert message(folder).endswith(f"{file}, line {second - 1}: {key}: stands twice; every id is used once")


BROKEN_RULES = [
    (
        "pattern = 'EIC Accelerator'",
        "pattern = 'EIC (Accelerator'",
        "pattern: Value error, `EIC (Accelerator` is no",
    ),
    (
        'verdict = "not_open"\nfield = "type_of_action"',
        'verdict = "shut"\nfield = "type_of_action"',
        "verdict: ",
    ),
    ('field = "type_of_action"', 'field = "body"', "field: Input should be 'identifier', 'type_of_action'"),
    (
        'mentions = ["eic accelerator"]',
        'mentions = ["EIC"]',
        "mentions[0]: Value error, `EIC` must be in lower case",
    ),
    ('id = "eic_accelerator_action"', 'id = "EIC"', "id: String should match pattern"),
    ('id = "eic_accelerator_action"', 'id = "decision"', "id: Value error, `decision` stands for a person's"),
    ('mentions = ["eic accelerator"]', 'wher = { kind = "call" }', "wher: Extra inputs are not permitted"),
    ('mentions = ["eic accelerator"]', "where = { kind = '(' }", "where.kind: Value error, `(` is no"),
    ('mentions = ["eic accelerator"]', "where = { colour = 'red' }", "where.colour.[key]: Input should be"),
]


@pytest.mark.parametrize(("old", "new", "expected"), BROKEN_RULES)
def test_rule_that_does_not_validate_is_refused_with_line_and_reason(
    folder: Path, old: str, new: str, expected: str
) -> None:
    replace(folder / "eligibility.toml", old, new)
    number = line(folder / "eligibility.toml", new.split("\n", maxsplit=1)[0])
    told = message(folder)
    assert f"eligibility.toml, line {number}: rule[1] (" in told
    assert expected in told


def test_reason_that_is_missing_in_a_language(folder: Path) -> None:
    path = folder / "eligibility.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[rule.reason]", text.index('id = "erc"'))
    french = text.index("fr = ", start)
    path.write_text(text[:french] + text[text.index("\n", french) + 1 :], encoding="utf-8")
    number = text[:start].count("\n") + 1
    assert re.search(rf"line {number}: rule\[\d+\] \(erc\)\.reason\.fr: Field required", message(folder))


def test_reason_that_is_empty_in_a_language(folder: Path) -> None:
    path = folder / "eligibility.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("en = ", text.index('id = "erc"'))
    path.write_text(f'{text[:start]}en = ""{text[text.index(chr(10), start) :]}', encoding="utf-8")
    number = text[:start].count("\n") + 1
    assert re.search(rf"line {number}: rule\[\d+\] \(erc\)\.reason\.en: String should have", message(folder))


LINES = """\
# a comment with key = "value"
name = "x"
words = '''
[[rule]]
id = "no table"
'''
[[rule]]
id = "one"
[rule.reason]
ca = "a"
[[rule]]
id = "two"
areas = [
  "b",
]
[rule.reason]
fr.long = "c"
[other . table]  # a comment
"key" = 1
"""


@pytest.mark.parametrize(
    ("location", "number"),
    [
        (("name",), 2),
        (("words",), 3),
        (("missing",), 1),
        ((), 1),
        (("rule", 0), 7),
        (("rule", 0, "id"), 8),
        (("rule", 0, "missing"), 7),
        (("rule", 0, "reason", "ca"), 10),
        (("rule", 0, "reason", "fr"), 9),
        (("rule", 1, "areas", 0), 13),
        (("rule", 1, "reason", "fr", "long"), 17),
        (("rule", 2), 1),
        (("other", "table", "key"), 19),
    ],
)
def test_line_of_a_value(location: tuple[int | str, ...], number: int) -> None:
    assert line_of(LINES, location) == number


def test_source_switched_off_needs_a_reason(folder: Path) -> None:
    replace(folder / "sources.toml", 'reason = "The portal\'s robots.txt disallows all crawling."', "")
    assert re.search(r"sources\.toml, line \d+: source\[\d+\] \(undp\)", message(folder))


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
