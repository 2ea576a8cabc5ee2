"""How many digests are prepared in a minute, beside Jinja2 alone rendering the same templates with the same contexts.

    python -m tests.benchmarks.digest [OFFICERS] [CALLS] [--profile]

1,000 officers and 5,000 made-up calls unless told otherwise, in a new SQLite database. Officers follow one to three
areas, in the four languages; each gets a full digest. Prepared is selected, worded, laid out, inlined, built as a mail
and noted in the ledger, each officer in a transaction of its own; nothing is sent.
"""

import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Template

from config.organisation import LANGUAGES, Organisation
from notifier.preparing import prepare
from notifier.selection import read_outlook
from store.database import Database
from tests.unit.notifier.builders import NOW, SENDER, match, officer, organisation, record, store

AREAS = ("mobility", "water", "waste")
FOLLOWED = (("mobility",), ("water",), ("mobility", "waste"), AREAS, ())
BANDS = 20
"""How finely the calls are ranked: those of a band have the same percentile."""
WORDS = "Cities test how air, water and streets are cared for together with those who live there. "


def build(database: Database, calls: int) -> None:
    keys = [f"TEST-{number}" for number in range(calls)]
    for first in range(0, calls, 500):
        store(
            database,
            *(
                record(key, f"2026-{4 + place % 9:02d}-15", texts={"en": "Expected Outcome: " + WORDS * 30})
                for place, key in enumerate(keys[first : first + 500])
            ),
        )
    for (band, part), area in product(enumerate(bands(keys)), AREAS):
        places = [(key, float(calls - int(key[5:]))) for key in part if AREAS[int(key[5:]) % 3] == area]
        areas = [{"id": area, "score": 1.0, "terms": ["urban logistics"]}]
        match(database, *places, areas=areas, percentile=100.0 * (BANDS - band - 0.5) / BANDS)


def bands(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """The keys in order, in `BANDS` parts as equal as they can be."""
    for band in range(BANDS):
        yield keys[len(keys) * band // BANDS : len(keys) * (band + 1) // BANDS]


def readers(count: int) -> Organisation:
    chosen = islice(zip(cycle(LANGUAGES), cycle(FOLLOWED), strict=False), count)
    return organisation(
        *(officer(f"o{n}", language, areas=areas) for n, (language, areas) in enumerate(chosen))
    )


@contextmanager
def renderings() -> Iterator[list[tuple[Template, Any]]]:
    """What is rendered in the meantime, and with what."""
    seen: list[tuple[Template, Any]] = []
    render = Template.render

    def keep(template: Template, *context: Any, **more: Any) -> str:
        seen.append((template, context[0]))
        return render(template, *context, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", keep)
        yield seen


def main(officers: int = 1000, calls: int = 5000, *, profiled: bool = False) -> None:
    ours = readers(officers)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'funding.db'}")
        build(database, calls)
        profile = cProfile.Profile()
        with renderings() as seen:
            begun = time.perf_counter()
            if profiled:
                profile.enable()
            with database.reading() as session:
                outlook = read_outlook(session, ours, NOW)
            for one in ours.officers:
                with database.writing() as session:
                    prepare(session, ours, one, NOW, sender=SENDER, outlook=lambda: outlook)
            profile.disable()
            whole = time.perf_counter() - begun
        database.close()
    begun = time.perf_counter()
    for template, context in seen:
        template.render(context)
    bare = time.perf_counter() - begun
    print(f"{officers} officers, {calls} calls")
    print(f"prepared  {officers / whole * 60:9,.0f} a minute")
    print(f"Jinja2    {officers / bare * 60:9,.0f} a minute")
    print(f"ratio     {whole / bare:9.2f}")
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:] if argument != "--profile"]
    main(*sizes, profiled="--profile" in sys.argv)
