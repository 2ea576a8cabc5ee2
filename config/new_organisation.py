"""The files of an organisation that is new: what is known of it stands there, what is not is empty and does not load."""

from dataclasses import dataclass
from pathlib import Path

import tomlkit

from config.errors import ConfigurationError
from config.organisation import known_organisations, load_organisation
from config.schema import LANGUAGES


@dataclass(frozen=True)
class NewOrganisation:
    """What is known at the start. `inherits` is the key of another one; `nuts` are codes of regions (NUTS)."""

    key: str
    inherits: str = ""
    name: str = ""
    country: str = ""
    nuts: tuple[str, ...] = ()


def write_organisation(folder: Path, new: NewOrganisation) -> list[Path]:
    """Write the files of `new` to a folder of its own in `folder`; the paths.

    Raises ConfigurationError where the key is taken or fits no folder, and where there is no such organisation to inherit
    from, or it inherits itself.
    """
    target = folder / new.key
    if not _is_key(new.key):
        raise ConfigurationError(
            f"`{new.key}`: a key is made of a to z, digits and _, and begins with a letter"
        )
    if new.inherits:
        _check_parent(folder, new.inherits)
    try:
        target.mkdir(parents=True)
    except FileExistsError:
        raise ConfigurationError(f"{target}: is there already; nothing was written") from None
    paths = []
    for name, content in files_of(new).items():
        path = target / name
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths


def files_of(new: NewOrganisation) -> dict[str, str]:
    """The content of each file by its name; an heir states no more than who it is, its projects and its officers."""
    own = {"portfolio.toml": PORTFOLIO, "officers.toml": OFFICERS}
    if new.inherits:
        return {"organisation.toml": _identity(new) + HEIR} | own
    return {
        "organisation.toml": _identity(new) + ALONE,
        "policy_areas.toml": AREAS,
        "partners.toml": PARTNERS,
        "sources.toml": SOURCES,
        "eligibility.toml": ELIGIBILITY,
    } | own


def _is_key(key: str) -> bool:
    return key.isascii() and key.isidentifier() and key == key.lower() and not key.startswith("_")


def _check_parent(folder: Path, key: str) -> None:
    if key not in known_organisations(folder):
        known = ", ".join(known_organisations(folder)) or "none"
        raise ConfigurationError(f"--inherits: `{key}` is no organisation; known here: {known}")
    if load_organisation(folder / key).inherits:
        raise ConfigurationError(
            f"--inherits: `{key}` inherits itself; name an organisation that stands on its own"
        )


def _identity(new: NewOrganisation) -> str:
    inherits = f"inherits = {_quoted(new.inherits)}\n" if new.inherits else ""
    names = "".join(f"{language} = {_quoted(new.name)}\n" for language in LANGUAGES)
    natures = "".join(f'{language} = ""\n' for language in LANGUAGES)
    regions = ", ".join(map(_quoted, new.nuts))
    return f"""\
# Who the organisation is and where it stands. Whatever is still empty or 0 is to be filled in:
# `funding organisation check {new.key}` says what is missing. Beside each fact belongs where it was read.

id = {_quoted(new.key)}  # the name of this folder, for good: the database knows the organisation by it
{inherits}short_name = ""
website = ""  # https://…
language = ""  # in which it writes: ca, es, en or fr

[name]
{names}
# What it is, in one or two sentences as calls put it: public body, local authority, contracting authority …
[nature]
{natures}
[territory]
country = {_quoted(new.country)}  # ISO 3166-1: two capital letters
nuts = [{regions}]  # the regions that it lies in
municipalities = 0
population = 0
"""


def _quoted(text: str) -> str:
    return tomlkit.string(text).as_string()


HEIR = """
# All else is inherited: schedule, retention, lines, roles, lacks, others; areas, partners, sources and eligibility rules.
# An entry here, or in a file of the same name, is added to them; with the id of an inherited one, it takes its place.
# Projects and officers are never inherited.
"""
ALONE = """
[schedule]
day = "mon"
time = 07:00:00
timezone = ""  # such as Europe/Madrid

# A strategic line of its plan; one table each.
[[lines]]
id = ""
[lines.name]
ca = ""
es = ""
en = ""
fr = ""

# A way in which it takes part in calls: lead, partner, pilot, buyer or forward; one table each.
[[roles]]
id = ""
[roles.name]
ca = ""
es = ""
en = ""
fr = ""
[roles.words]  # as calls put it
ca = []
es = []
en = []
fr = []

# Fields in which it has no competence, as terms; none is allowed.
[lacks]
ca = []
es = []
en = []
fr = []
"""
AREAS = """\
# The fields of its policy that calls are ranked by; one table each.

[[area]]
id = ""
basis = ""  # on what its competence rests
lines = []  # the strategic lines that it serves
[area.name]
ca = ""
es = ""
en = ""
fr = ""
[area.keywords]  # ten or more in each language: what calls of this field speak of
ca = []
es = []
en = []
fr = []
"""
PORTFOLIO = """\
# What it did, does or presented, that a call may continue: `funding portfolio export` and `import` keep it in a spreadsheet.
"""
OFFICERS = """\
# Who gets a digest: `funding officers add`.
"""
PARTNERS = """\
# Whom it works with, as [[partner]] and [[network]].
"""
SOURCES = """\
# The portals that are read, as [[source]]; another organisation's entries hold here too.

source = []
"""
ELIGIBILITY = """\
# Who may take part in which calls, as [[rule]] and [[programme]]; another organisation's rules may not hold here.
"""
