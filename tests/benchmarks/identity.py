"""How well the same call is told from its siblings by title and deadline: the figures of docs/identity.md.

    python tests/benchmarks/identity.py [RECORDINGS]

Pairs are made from what portals answered, or else from the project's own records, by rule. One call twice: titles that a portal states in two ways, and titles
rendered as sites write them. Two calls: all that share a deadline. First each pair alone, by scorer and threshold; then
whole worlds, in which a site has every call in words of its own and the portals have half of them.
"""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from itertools import permutations
from pathlib import Path
from typing import Any

from parsel import Selector
from rapidfuzz import fuzz

from crawler import titles
from crawler.identity import identify
from crawler.parsers import bdns, eeas, eu_portal, interreg_eu, raisc
from crawler.replicas.sample import RECORDS, load_records
from crawler.spiders.eeas import Eeas
from crawler.text import plain_line
from crawler.titles import likeness, read_title
from store.models import Call, Deadline
from store.records import CallRecord, Kind

SCORERS = ("ratio", "token_sort_ratio", "token_set_ratio", "partial_ratio", "WRatio")
THRESHOLDS = (70, 75, 80, 85, 90, 92, 94, 96, 98, 100)
SITE = "TEST-site"

Render = Callable[[str], str]


def _shortened(title: str, longest: int) -> str:
    return title if len(title) <= longest else title[:longest].rsplit(" ", 1)[0] + "…"


def _as_address(title: str) -> str:
    letters = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def _misspelt(title: str) -> str:
    """Two letters of the longest word the wrong way round."""
    word = max(re.findall(r"[^\W\d_]+", title), key=len, default="")
    middle = len(word) // 2
    wrong = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return title.replace(word, wrong, 1) if len(word) > titles.SHORTEST_WORD else title


RENDERED: dict[str, Render] = {
    "as it is": str,
    "in capitals": str.upper,
    "other dashes, quotes and &": lambda t: t.translate({0x2D: "–", 0x2019: "'", 0x2013: "-"}).replace(
        " and ", " & "
    ),
    "as an address": _as_address,
    "without accents": lambda t: unicodedata.normalize("NFKD", t).encode("ascii", "ignore").decode(),
    "`Open call:` before it": lambda t: f"Open call: {t}",
    "`Call for proposals –` before it": lambda t: f"Call for proposals – {t}",
    "a name behind it": lambda t: f"{t} | City funding",
    "without articles": lambda t: re.sub(r"\b(?:[Tt]he|[Aa]n?|[Ee]ls|[Ll][ao]s) ", "", t),
    "American spelling": lambda t: re.sub(r"is(ation|ing|ed|e)\b", r"iz\1", t),
    "two letters swapped": _misspelt,
    "without what is in brackets": lambda t: re.sub(r"\s*\([^()]*\)", "", t) or t,
    "cut at 100 characters": lambda t: _shortened(t, 100),
    "cut at 60 characters": lambda t: _shortened(t, 60),
    "up to the colon or dash": lambda t: re.split(r":| [-–] ", t)[0],
}
"""Titles as sites write them."""


@dataclass(frozen=True)
class Pair:
    """Two titles of calls that share a deadline: `other` was made, as `made` says, of `stated`. `same` is the label."""

    made: str
    one: str
    other: str
    stated: str
    same: bool


@dataclass(frozen=True)
class Figures:
    """`found` of `there` pairs that are one call, and `wrong` pairs taken for one."""

    found: int
    there: int
    wrong: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.there

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.found + other.found, self.there + other.there, self.wrong + other.wrong)


@dataclass(frozen=True)
class World:
    """What a store may hold: a site beside portals. `same`: the pairs of ids that are one call."""

    made: str
    calls: tuple[Call, ...]
    same: frozenset[tuple[int, int]]


Rows = dict[str, list[dict[str, Any]]]

PARSERS: Mapping[str, Callable[[Any], CallRecord]] = {
    "eu_portal": eu_portal.to_record,
    "bdns": bdns.to_record,
    "raisc": raisc.to_record,
    "interreg_eu": interreg_eu.to_record,
    "eeas": eeas.to_record,
}


def recorded_rows(folder: Path) -> Rows:
    """What the portals answered."""
    page = Selector((folder / "eeas/grants_listing.html").read_text(encoding="utf-8"))
    registers = ("bdns/calls_january_2025.json", "bdns/calls_2025_2026.json")
    return {
        "eu_portal": load_records(folder / "eu_portal/results.jsonl"),
        "bdns": [row["detall"] for name in registers for row in _read(folder / name)["convocatories"]],
        "raisc": _read(folder / "raisc/rows_resource_form_derived.json"),
        "interreg_eu": _read(folder / "interreg_eu/calls.json")["results"][0]["hits"],
        "eeas": [Eeas().to_row(card) for card in page.css(Eeas.card)],
    }


def own_rows() -> Rows:
    """The project's own records."""
    rows = {source: load_records(RECORDS / f"{source}.jsonl") for source in PARSERS}
    return rows | {"bdns": [row["detall"] for row in rows["bdns"]]}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def calls_of(rows: Rows) -> list[CallRecord]:
    """Each call once.

    Cascade funding is left out: the export that was recorded has the parents' titles in place of its own.
    """
    found: dict[tuple[str, str], CallRecord] = {}
    for source, answered in rows.items():
        for row in answered:
            try:
                record = PARSERS[source](row)
            except ValueError:  # no call: a direct grant, an information session
                continue
            if record.kind is not Kind.CASCADE:
                found[source, record.source_key] = record
    return list(found.values())


def stated_twice(folder: Path, rows: Rows) -> list[Pair]:
    """Titles of one call, where the portal has it in two ways that are not the same letters."""
    return [
        Pair(made, one, other, other, same=True)
        for made, one, other in _statements(folder, rows)
        if one and other and one != other
    ]


def _statements(folder: Path, rows: Rows) -> Iterator[tuple[str, str, str]]:
    stated = {eu_portal.source_key(row): eu_portal.to_record(row).titles for row in rows["eu_portal"]}
    for key, steps in _read(folder / "eu_portal/change_history.json").items():
        now = next(iter(stated.get(eu_portal.source_key({"reference": key}), {}).values()), "")
        for title in sorted({plain_line(step[4]) for step in steps}):
            yield "before and after a change", now, title
    for hit in rows["interreg_eu"]:
        yield "title and address", hit["title"], hit["contentUrl"].rstrip("/").rsplit("/", 1)[-1]
    for card in filter(eeas.is_call, rows["eeas"]):
        address = eeas.source_key(card).rsplit("/", 1)[-1].rsplit("_", 1)[0]
        yield "title and address", card["title"], address
    for record in map(raisc.to_record, filter(raisc.is_call, rows["raisc"])):
        yield "title and purpose", record.titles["ca"], record.texts.get("ca", "")


class Bench:
    """Pairs and worlds made of calls."""

    def __init__(self, calls: Sequence[CallRecord], twice: Sequence[Pair] = ()) -> None:
        self.calls = calls
        self.twice = twice

    @cached_property
    def neighbours(self) -> list[tuple[CallRecord, CallRecord]]:
        """Different calls with a title in the same language that share a deadline, both ways round."""
        by_day: dict[tuple[str, date], list[CallRecord]] = defaultdict(list)
        for call in self.calls:
            for language in call.titles:
                for day in days_of(call):
                    by_day[language, day].append(call)
        found = {
            (one.source, one.source_key, other.source, other.source_key): (one, other)
            for calls in by_day.values()
            for one, other in permutations(calls, 2)
        }
        return list(found.values())

    def pairs(self) -> list[Pair]:
        found = list(self.twice)
        for made, render in RENDERED.items():
            found += [
                Pair(made, title, render(title), title, same=True)
                for call in self.calls
                for title in call.titles.values()
            ]
            found += [
                Pair(made, one.titles[language], render(stated), stated, same=False)
                for one, other in self.neighbours
                for language, stated in other.titles.items()
                if language in one.titles
            ]
        return found

    def worlds(self, *ways: str) -> Iterator[World]:
        """A third of the calls is in the portals and at the site, a third each in one of them only; three times.

        `ways` of rendering titles; none: all.
        """
        dated = [call for call in self.calls if days_of(call)]
        for made in ways or RENDERED:
            render = RENDERED[made]
            for turn in range(3):
                place = [(number + turn) % 3 for number in range(len(dated))]
                portals = [to_call(call, n) for n, call in enumerate(dated) if place[n] != 1]
                there = [n for n in range(len(dated)) if place[n] != 2]
                site = [to_call(at_site(dated[n], render), len(dated) + n) for n in there]
                same = {(n, len(dated) + n) for n in there if place[n] == 0}
                yield World(made, tuple(portals + site), frozenset(same))


def days_of(call: CallRecord) -> set[date]:
    return {deadline.day for deadline in call.deadlines if deadline.day}


def at_site(call: CallRecord, render: Render) -> CallRecord:
    """The call as a site might state it: its title in other letters and its deadlines, without its number."""
    rendered = {language: render(title) or title for language, title in call.titles.items()}
    return CallRecord(
        source=SITE,
        source_key=f"{call.source} {call.source_key}",
        kind=Kind.CALL,
        titles=rendered,
        status=call.status,
        deadlines=call.deadlines,
        page="https://example.org/",
    )


def to_call(record: CallRecord, call_id: int) -> Call:
    """A row of the store, without a store."""
    facts = record.facts() | {"opening": record.opening, "published": record.published}
    facts["deadlines"] = [Deadline(position=n, **one.model_dump()) for n, one in enumerate(record.deadlines)]
    seen = datetime(2026, 1, 1, tzinfo=UTC)
    return Call(**facts, id=call_id, first_seen_at=seen, content_hash="", material_hash="")


def score(pairs: Iterable[Pair]) -> list[tuple[bool, float]]:
    """The label and the likeness of each pair, looked at alone."""
    read = cache(read_title)
    return [(pair.same, likeness(read(pair.one), read(pair.other))) for pair in pairs]


def measure_pairs(scored: Sequence[tuple[bool, float]], threshold: float) -> Figures:
    joined = [same for same, likeness in scored if likeness >= threshold]
    return Figures(sum(joined), sum(same for same, _ in scored), len(joined) - sum(joined))


def measure_world(world: World) -> Figures:
    """All calls together, as the store has them."""
    sources = [*sorted({call.source for call in world.calls} - {SITE}), SITE]
    joined = {(row.face_id, row.call_id) for row in identify(world.calls, sources)}
    return Figures(len(joined & world.same), len(world.same), len(joined - world.same))


def print_pairs(pairs: Sequence[Pair]) -> None:
    """Precision and recall by scorer and threshold, with the rules of `likeness` and for what they are worth without."""
    one = sum(pair.same for pair in pairs)
    print(f"{one} pairs that are one call, {len(pairs) - one} that are not: precision / recall\n")
    print("| scorer | " + " | ".join(map(str, THRESHOLDS)) + " |")
    print("|---" * (1 + len(THRESHOLDS)) + "|")
    usual = titles.SCORER, titles.THRESHOLD, titles.puts_other_words
    titles.THRESHOLD = THRESHOLDS[0]
    for name in SCORERS:
        titles.SCORER = getattr(fuzz, name)
        print(row(name, score(pairs)))
    titles.SCORER = usual[0]
    titles.puts_other_words = lambda *_: False
    print(row(f"{titles.SCORER.__name__}, whatever words differ", score(pairs)))
    _, titles.THRESHOLD, titles.puts_other_words = usual


def row(name: str, scored: Sequence[tuple[bool, float]]) -> str:
    cells = (measure_pairs(scored, threshold) for threshold in THRESHOLDS)
    return f"| {name} | " + " | ".join(f"{cell.precision:.4f} / {cell.recall:.3f}" for cell in cells) + " |"


def print_rendered(pairs: Sequence[Pair], worlds: Sequence[World]) -> None:
    """What the chosen scorer and threshold do with each way of rendering a title."""
    print(
        f"\n| {titles.SCORER.__name__}, {titles.THRESHOLD:g} | precision, pairs | recall | precision, worlds | recall |"
    )
    print("|---" * 5 + "|")
    totals = [Figures(0, 0, 0), Figures(0, 0, 0)]
    for made in dict.fromkeys(pair.made for pair in pairs):
        alone = measure_pairs(score(pair for pair in pairs if pair.made == made), titles.THRESHOLD)
        whole = sum((measure_world(world) for world in worlds if world.made == made), Figures(0, 0, 0))
        totals = [totals[0] + alone, totals[1] + whole]
        print(f"| {made} | {cells(alone)} | {cells(whole) if whole.there else '– | –'} |")
    print(f"| **all** | {cells(totals[0])} | {cells(totals[1])} |")


def cells(figures: Figures) -> str:
    return f"{figures.precision:.4f} | {figures.recall:.3f}"


def print_wrong(pairs: Sequence[Pair]) -> None:
    wrong = [
        pair
        for pair, (_, found) in zip(pairs, score(pairs), strict=True)
        if found >= titles.THRESHOLD and not pair.same
    ]
    others = [pair for pair in wrong if pair.one != pair.stated]
    print(
        f"\n{len(wrong)} pairs wrongly taken for one; in {len(wrong) - len(others)} both calls have the same title."
    )
    for made, *two in dict.fromkeys((pair.made, *sorted((pair.one, pair.stated))) for pair in others):
        print(f"- {made}: {' // '.join(two)}")


def main(folder: Path | None) -> None:
    rows = recorded_rows(folder) if folder else own_rows()
    bench = Bench(calls_of(rows), stated_twice(folder, rows) if folder else ())
    pairs = bench.pairs()
    print(f"{len(bench.calls)} calls, {len(bench.neighbours) // 2} pairs of them share a deadline")
    print_pairs(pairs)
    print_rendered(pairs, list(bench.worlds()))
    print_wrong(pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
