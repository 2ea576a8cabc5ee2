"""The organisation that calls are ranked for: one folder of TOML files, read and checked as a whole.

An organisation may inherit from another one beside it, so that a municipality has the policy areas of its metropolitan
area: what it states is added to that, and takes the place of what has the same id.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from config.errors import ConfigurationError
from config.lines import line_of
from config.schema import (
    LANGUAGES,
    Heir,
    Identity,
    Language,
    Line,
    Network,
    Officer,
    Other,
    Partner,
    PolicyArea,
    Profile,
    ProgrammeRule,
    Project,
    Role,
    Rule,
    Section,
    Source,
    Text,
)

E = TypeVar("E", PolicyArea, Partner, Network, Source, Rule, ProgrammeRule, Line, Role, Other)
P = TypeVar("P", Profile, Heir)
S = TypeVar("S", bound=BaseModel)
KINDS = frozenset({"call", "cascade", "prize", "scheme", "advance_notice"})
"""The kinds of call: those of `store.records.Kind`, which may not be imported here."""

KEPT = 64
"""Files that are kept as they were read: many heirs of one organisation read each of its files once."""

__all__ = ["LANGUAGES", "Language", "Organisation", "Text", "known_organisations", "load_organisation"]


class _PolicyAreas(Section):
    area: tuple[PolicyArea, ...] = Field(min_length=1)


class _Portfolio(Section):
    project: tuple[Project, ...] = ()


class _Partners(Section):
    partner: tuple[Partner, ...] = ()
    network: tuple[Network, ...] = ()


class _Sources(Section):
    source: tuple[Source, ...]


class _Officers(Section):
    officer: tuple[Officer, ...] = ()


class _Eligibility(Section):
    rule: tuple[Rule, ...] = ()
    programme: tuple[ProgrammeRule, ...] = ()


_NO_AREAS = _PolicyAreas.model_construct(area=())


@dataclass(frozen=True)
class Organisation:
    """All that the product knows of one organisation. `inherits` is the key of the one that it takes from, if any."""

    profile: Profile
    areas: tuple[PolicyArea, ...]
    projects: tuple[Project, ...]
    partners: tuple[Partner, ...]
    networks: tuple[Network, ...]
    sources: tuple[Source, ...]
    officers: tuple[Officer, ...]
    rules: tuple[Rule, ...]
    programmes: tuple[ProgrammeRule, ...] = ()
    inherits: str = ""

    @property
    def key(self) -> str:
        return self.profile.id

    def area(self, key: str) -> PolicyArea:
        return next(area for area in self.areas if area.id == key)

    def project(self, key: str) -> Project:
        return next(project for project in self.projects if project.id == key)

    def source(self, key: str) -> Source | None:
        return next((source for source in self.sources if source.key == key), None)

    def officer(self, key: str) -> Officer | None:
        return next((officer for officer in self.officers if officer.id == key), None)


def known_organisations(folder: Path) -> list[str]:
    """The keys of the organisations in `folder`, by name."""
    return sorted(path.parent.name for path in folder.glob("*/organisation.toml"))


def load_organisation(folder: Path) -> Organisation:
    """Read the organisation whose TOML files stand in `folder`, and those of the one beside it that it inherits from.

    Raises ConfigurationError, which names the file, the key and what is expected, for a file that is missing,
    is no TOML or does not fit, for an id that is not the folder's name, and for a key that points to nothing (an area, a
    strategic line, an organisation to inherit from) or stands twice.
    """
    if not folder.is_dir():
        known = ", ".join(known_organisations(folder.parent)) or "none"
        raise ConfigurationError(f"{folder}: there is no such organisation; known here: {known}")
    path = folder / "organisation.toml"
    if not _inherits(path):
        organisation = _stated(folder, _read_profile(path, Profile))
        _check_references(organisation, organisation, folder)
        return organisation
    heir = _read_profile(path, Heir)
    parent = _load_parent(path, heir)
    stated = _stated(folder, _profile(parent.profile, heir), inherits=heir.inherits)
    organisation = _inherited(parent, stated)
    _check_references(stated, organisation, folder)
    return organisation


def _inherits(path: Path) -> bool:
    return "inherits" in _parse(path, _text(path))


def _read_profile(path: Path, schema: type[P]) -> P:
    profile = _read(path, schema)
    if profile.id != path.parent.name:
        raise _misplaced(
            path,
            ("id",),
            f"id: must be `{path.parent.name}`, as its folder is called: by it the database tells organisations apart",
        )
    return profile


def _load_parent(path: Path, heir: Heir) -> Organisation:
    """The organisation that `heir`, whose file is `path`, takes from; it stands on its own."""
    parent = path.parents[1] / heir.inherits
    if not (parent / path.name).is_file():
        known = ", ".join(known_organisations(parent.parent))
        raise _misplaced(
            path, ("inherits",), f"inherits: `{heir.inherits}` is no organisation; known here: {known}"
        )
    if _inherits(parent / path.name):
        raise _misplaced(
            path,
            ("inherits",),
            f"inherits: `{heir.inherits}` inherits itself; name an organisation that stands on its own",
        )
    return load_organisation(parent)


def _stated(folder: Path, profile: Profile, inherits: str = "") -> Organisation:
    """What stands in the files of `folder`; an heir may have none of them."""
    is_heir = bool(inherits)
    portfolio = _read(folder / "portfolio.toml", _Portfolio, _Portfolio() if is_heir else None)
    officers = _read(folder / "officers.toml", _Officers, _Officers() if is_heir else None)
    areas = _read(folder / "policy_areas.toml", _PolicyAreas, _NO_AREAS if is_heir else None)
    sources = _read(folder / "sources.toml", _Sources, _Sources(source=()) if is_heir else None)
    partners = _read(folder / "partners.toml", _Partners, _Partners() if is_heir else None)
    eligibility = _read(folder / "eligibility.toml", _Eligibility, _Eligibility() if is_heir else None)
    return Organisation(
        profile=profile,
        areas=areas.area,
        projects=portfolio.project,
        partners=partners.partner,
        networks=partners.network,
        sources=sources.source,
        officers=officers.officer,
        rules=eligibility.rule,
        programmes=eligibility.programme,
        inherits=inherits,
    )


def _profile(parent: Profile, heir: Heir) -> Profile:
    identity = {field: getattr(heir, field) for field in Identity.model_fields}
    return Profile(
        **identity,
        schedule=heir.schedule or parent.schedule,
        retention=heir.retention or parent.retention,
        lines=_added(parent.lines, heir.lines),
        roles=_added(parent.roles, heir.roles),
        lacks=heir.lacks or parent.lacks,
        others=_added(parent.others, heir.others),
    )


def _inherited(parent: Organisation, stated: Organisation) -> Organisation:
    """What an heir states together with what it takes from `parent`: neither projects nor officers."""
    return replace(
        stated,
        areas=_added(parent.areas, stated.areas),
        partners=_added(parent.partners, stated.partners),
        networks=_added(parent.networks, stated.networks),
        sources=_added(parent.sources, stated.sources),
        rules=_added(parent.rules, stated.rules),
        programmes=_added(parent.programmes, stated.programmes),
    )


def _added(inherited: Sequence[E], own: Sequence[E]) -> tuple[E, ...]:
    """Entries of the same id in the place of the inherited ones, the others behind them."""
    return tuple(({_id(entry): entry for entry in inherited} | {_id(entry): entry for entry in own}).values())


def _id(entry: PolicyArea | Partner | Network | Source | Rule | ProgrammeRule | Line | Role | Other) -> str:
    return entry.key if isinstance(entry, Source) else entry.id


def _read(path: Path, schema: type[S], otherwise: S | None = None) -> S:
    """The file by its schema; `otherwise`, if it is given, where there is no such file."""
    if otherwise is not None and not path.exists():
        return otherwise
    found: S = _validate(path, _text(path), schema)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: the file is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as TOML: {error}") from error


@lru_cache(KEPT)
def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: cannot be read as TOML: {error}") from error


@lru_cache(KEPT)
def _validate(path: Path, text: str, schema: type[S]) -> S:
    data = _parse(path, text)
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_sentences(path, text, error, data))) from error


def _sentences(path: Path, text: str, error: ValidationError, data: dict[str, Any]) -> Iterable[str]:
    for problem in error.errors(include_url=False):
        way = problem["loc"]
        yield f"{path}, line {line_of(text, way)}: {_key_path(way, data)}: {problem['msg']}"


def _key_path(location: tuple[int | str, ...], data: Any) -> str:
    """`project[3] (guarden).areas[0]`: the way to the key as it stands in the file."""
    path = ""
    for step in location:
        data = _step_into(data, step)
        if isinstance(step, int):
            name = data.get("id", data.get("key")) if isinstance(data, dict) else None
            path += f"[{step}]" + (f" ({name})" if name else "")
        else:
            path += f".{step}" if path else step
    return path or "the whole file"


def _step_into(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


@dataclass(frozen=True)
class _Reference:
    """What a field of an entry names, and what it may name."""

    field: str
    named: tuple[str, ...]
    known: frozenset[str]


@dataclass(frozen=True)
class _Entry:
    """An entry of an array of tables as far as it is checked against others: its id, and where it refers to them."""

    key: str
    references: tuple[_Reference, ...] = ()


def _check_references(stated: Organisation, whole: Organisation, folder: Path) -> None:
    """Check what is `stated` in `folder` against all that the organisation has, some of it inherited."""
    areas = frozenset(area.id for area in whole.areas)
    lines = frozenset(line.id for line in whole.profile.lines)
    groups = (
        (
            "policy_areas.toml",
            "area",
            [_Entry(a.id, (_Reference("lines", a.lines, lines),)) for a in stated.areas],
        ),
        (
            "portfolio.toml",
            "project",
            [_Entry(p.id, (_Reference("areas", p.areas, areas),)) for p in stated.projects],
        ),
        ("partners.toml", "partner", [_Entry(p.id) for p in stated.partners]),
        ("partners.toml", "network", [_Entry(n.id) for n in stated.networks]),
        ("sources.toml", "source", [_Entry(s.key) for s in stated.sources]),
        (
            "officers.toml",
            "officer",
            [
                _Entry(
                    o.id,
                    (
                        _Reference("areas", o.areas, areas),
                        _Reference("lines", o.lines, lines),
                        _Reference("kinds", o.kinds, KINDS),
                    ),
                )
                for o in stated.officers
            ],
        ),
        ("eligibility.toml", "rule", [_Entry(r.id) for r in stated.rules]),
        ("eligibility.toml", "programme", [_Entry(r.id) for r in stated.programmes]),
    )
    for file, table, entries in groups:
        seen: set[str] = set()
        for number, entry in enumerate(entries):
            if entry.key in seen:
                raise _misplaced(
                    folder / file, (table, number), f"{entry.key}: stands twice; every id is used once"
                )
            seen.add(entry.key)
            for reference in entry.references:
                for unknown in (one for one in reference.named if one not in reference.known):
                    expected = ", ".join(sorted(reference.known))
                    said = (
                        f"{entry.key}.{reference.field}: `{unknown}` is unknown; expected one of: {expected}"
                    )
                    raise _misplaced(folder / file, (table, number, reference.field), said)


def _misplaced(path: Path, way: tuple[int | str, ...], said: str) -> ConfigurationError:
    return ConfigurationError(f"{path}, line {line_of(path.read_text(encoding='utf-8'), way)}: {said}")
