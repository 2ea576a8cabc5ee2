"""How many digests are prepared in a minute, beside Jinja2 alone rendering the same templates with the same contexts.

    python -m tests.benchmarks.digest [OFFICERS] [CALLS] [--profile]

1,000 officers and 5,000 made-up calls unless told otherwise, in a new SQLite database. Officers follow one to three
areas, in the four languages; each gets a full digest. Prepared is selected, worded, laid out, inlined, built as a mail
and noted in the ledger, each officer in a transaction of its own; nothing is sent. A minute is one of processor time.
"""

import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Template

from config.organisation import LANGUAGES, Organisation
from notifier.preparing import prepare
from notifier.selection import read_outlook
from store.database import Database
from tests.benchmarks.filling import fill_matches, sqlite
from tests.memory import peak
from tests.unit.notifier.builders import NOW, SENDER, officer, organisation

OFFICERS = 100
AREAS = ("mobility", "water", "waste")
FOLLOWED = (("mobility",), ("water",), ("mobility", "waste"), AREAS, ())
BANDS = 20
"""How finely the calls are ranked: those of a band have the same percentile."""
SHUFFLE = 7_919
"""A prime: the made-up calls lie by deadline, and the best are not to be those that are closed."""


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time of all digests, and of their templates alone; megabytes held at most."""

    ours: float
    bare: float
    memory: float


def matched(number: int, calls: int) -> dict[str, object]:
    place = number * SHUFFLE % calls
    return {
        "score": float(calls - place),
        "percentile": 100.0 * (BANDS - place * BANDS // calls - 0.5) / BANDS,
        "areas": [{"id": AREAS[number % 3], "score": 1.0, "terms": ["urban logistics"]}],
    }


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


def measure(database: Database, officers: int, calls: int, profile: cProfile.Profile | None = None) -> Cost:
    fill_matches(database, partial(matched, calls=calls))
    ours = readers(officers)
    with renderings() as seen, profile or nullcontext():
        begun = time.process_time()
        with database.reading() as session:
            outlook = read_outlook(session, ours, NOW)
        for one in ours.officers:
            with database.writing() as session:
                prepare(session, ours, one, NOW, sender=SENDER, outlook=lambda: outlook)
        whole, memory = time.process_time() - begun, peak()
    begun = time.process_time()
    for template, context in seen:
        template.render(context)
    return Cost(whole, time.process_time() - begun, memory)


def rows(calls: int, folder: Path) -> Iterator[tuple[str, float, float, float]]:
    """What was measured, seconds of ours, seconds of bare, megabytes at most."""
    database = sqlite(folder, calls)
    cost = measure(database, OFFICERS, calls)
    database.close()
    yield f"digest, {OFFICERS} officers", cost.ours, cost.bare, cost.memory


def main(officers: int = 1000, calls: int = 5000, *, profiled: bool = False) -> None:
    profile = cProfile.Profile() if profiled else None
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite(Path(folder), calls)
        cost = measure(database, officers, calls, profile)
        database.close()
    print(f"{officers} officers, {calls} calls")
    print(f"prepared  {officers / cost.ours * 60:9,.0f} a minute")
    print(f"Jinja2    {officers / cost.bare * 60:9,.0f} a minute")
    print(f"ratio     {cost.ours / cost.bare:9.2f}")
    print(f"memory    {cost.memory:9,.0f} MB at most")
    if profile is not None:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    sizes = [int(argument) for argument in sys.argv[1:] if argument != "--profile"]
    main(*sizes, profiled="--profile" in sys.argv)
