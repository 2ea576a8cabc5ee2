"""What a call is tagged with: strategic lines, SDGs, the partners that it names, and whether its territory is ours."""

from dataclasses import dataclass

from config.organisation import Organisation
from config.schema import Network, Partner
from notifier.words import Words
from store.models import Call, Match


@dataclass(frozen=True)
class Tag:
    """`key` is what a page filters by."""

    key: str
    name: str


@dataclass(frozen=True)
class Tags:
    """Tags in words, in the order of the configuration; empty where nothing is known."""

    lines: tuple[Tag, ...]
    sdgs: str
    partners: tuple[str, ...]
    territory: str


def tags_of(words: Words, organisation: Organisation, call: Call, match: Match) -> Tags:
    matched = {area["id"] for area in match.areas}
    areas = [area for area in organisation.areas if area.id in matched]
    tied = {line for area in areas for line in area.lines}
    lines = [line for line in organisation.profile.lines if line.id in tied]
    goals = sorted({goal for area in areas for goal in area.sdgs})
    return Tags(
        lines=tuple(Tag(line.id, line.name[words.language]) for line in lines),
        sdgs=", ".join(map(str, goals)),
        partners=tuple(_partner(words, organisation, named["id"], named["words"]) for named in match.named),
        territory=_territory(words, organisation, call),
    )


def _partner(words: Words, organisation: Organisation, key: str, said: str) -> str:
    """`Métropole de Lyon (Grand Lyon)`, with the call's own words where they are other ones."""
    known: tuple[Partner | Network, ...] = (*organisation.partners, *organisation.networks)
    found = next((one for one in known if one.id == key), None)
    name = found.name[words.language] if found else key
    if said.casefold() in name.casefold():
        return name
    return words.gettext("%(name)s (%(words)s)", name=name, words=words.quoted(said))


def _territory(words: Words, organisation: Organisation, call: Call) -> str:
    """That regions of the call hold ours: the code of a region begins with the code of the one that holds it."""
    ours = organisation.profile.territory.nuts
    holding = [region for region in call.regions if any(code.startswith(region) for code in ours)]
    return words.gettext("includes ours (%(regions)s)", regions=", ".join(holding)) if holding else ""
