"""The organisation that calls are ranked for: one folder of TOML files, read and checked as a whole."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from config.errors import ConfigurationError
from config.lines import line_of
from config.schema import (
    LANGUAGES,
    Language,
    Network,
    Officer,
    Partner,
    PolicyArea,
    Profile,
    ProgrammeRule,
    Project,
    Rule,
    Section,
    Source,
    Text,
)

S = TypeVar("S", bound=BaseModel)
KINDS = frozenset({"call", "cascade", "prize", "scheme", "advance_notice"})
"""The kinds of call: those of `store.records.Kind`, which may not be imported here."""

__all__ = ["LANGUAGES", "Language", "Organisation", "Text", "load_organisation"]


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


@dataclass(frozen=True)
class Organisation:
    """All that the product knows of one organisation."""

    profile: Profile
    areas: tuple[PolicyArea, ...]
    projects: tuple[Project, ...]
    partners: tuple[Partner, ...]
    networks: tuple[Network, ...]
    sources: tuple[Source, ...]
    officers: tuple[Officer, ...]
    rules: tuple[Rule, ...]
    programmes: tuple[ProgrammeRule, ...] = ()

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


def load_organisation(folder: Path) -> Organisation:
    """Read the organisation whose TOML files stand in `folder`.

    Raises ConfigurationError, which names the file, the key and what is expected, for a file that is missing,
    is no TOML or does not fit, and for a key that points to nothing (an area, a strategic line) or stands twice.
    """
    if not folder.is_dir():
        known = ", ".join(sorted(p.parent.name for p in folder.parent.glob("*/organisation.toml"))) or "none"
        raise ConfigurationError(f"{folder}: there is no such organisation; known here: {known}")
    partners = _read(folder / "partners.toml", _Partners)
    eligibility = _read(folder / "eligibility.toml", _Eligibility)
    organisation = Organisation(
        profile=_read(folder / "organisation.toml", Profile),
        areas=_read(folder / "policy_areas.toml", _PolicyAreas).area,
        projects=_read(folder / "portfolio.toml", _Portfolio).project,
        partners=partners.partner,
        networks=partners.network,
        sources=_read(folder / "sources.toml", _Sources).source,
        officers=_read(folder / "officers.toml", _Officers).officer,
        rules=eligibility.rule,
        programmes=eligibility.programme,
    )
    _check_references(organisation, folder)
    return organisation


def _read(path: Path, schema: type[S]) -> S:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: the file is missing") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as TOML: {error}") from error
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


def _check_references(organisation: Organisation, folder: Path) -> None:
    areas = frozenset(area.id for area in organisation.areas)
    lines = frozenset(line.id for line in organisation.profile.lines)
    groups = (
        (
            "policy_areas.toml",
            "area",
            [_Entry(a.id, (_Reference("lines", a.lines, lines),)) for a in organisation.areas],
        ),
        (
            "portfolio.toml",
            "project",
            [_Entry(p.id, (_Reference("areas", p.areas, areas),)) for p in organisation.projects],
        ),
        ("partners.toml", "partner", [_Entry(p.id) for p in organisation.partners]),
        ("partners.toml", "network", [_Entry(n.id) for n in organisation.networks]),
        ("sources.toml", "source", [_Entry(s.key) for s in organisation.sources]),
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
                for o in organisation.officers
            ],
        ),
        ("eligibility.toml", "rule", [_Entry(r.id) for r in organisation.rules]),
        ("eligibility.toml", "programme", [_Entry(r.id) for r in organisation.programmes]),
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
