"""What each part of the program costs beside its bare engine, and how that grows with the calls: `make bench`.

    python -m tests.benchmarks.growth [CALLS …] [--only ingest encode score digest inbox inbox-postgresql]

1,400, 14,000 and 140,000 calls unless told otherwise: 1, 10 and 100 times those that are open. Each benchmark runs in a
process of its own, the bare engine in the same one. A row is told as soon as it is measured; the table comes at the end,
in Markdown, on standard output.
"""

import argparse
import os
import platform
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from tests.databases import SERVER

SIZES = (1_400, 14_000, 140_000)
BENCHMARKS = {
    "ingest": ("ingest", "rows"),  # first: it leaves its calls to digest and inbox
    "encode": ("encoding", "rows"),
    "score": ("matching", "rows"),
    "digest": ("digest", "rows"),
    "inbox": ("review", "rows"),
    "inbox-postgresql": ("review", "postgresql_rows"),
}
"""Module and function of each: given a number of calls and a folder, it tells what it measured, seconds of ours, seconds of
bare, and megabytes held at most.
"""
ON_POSTGRESQL = 14_000
"""Calls up to which the inbox is measured on PostgreSQL too, unless it is asked for: filling takes longer than all else."""


@dataclass(frozen=True)
class Row:
    """Times in seconds, memory in megabytes."""

    calls: int
    what: str
    ours: float
    bare: float
    memory: float

    def __str__(self) -> str:
        return f"{self.what:40} {self.calls:8,} {self.ours:9.3f} s {self.bare:9.3f} s {self.ours / self.bare:7.2f} {self.memory:6.0f} MB"


def measured(name: str, calls: int, folder: Path) -> list[Row]:
    module, function = BENCHMARKS[name]
    found = getattr(import_module(f"tests.benchmarks.{module}"), function)(calls, folder)
    return [Row(calls, *one) for one in found]


def measure(work: Sequence[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    """Each size with the names of its benchmarks."""
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as alone:
        for calls, names in work:
            with tempfile.TemporaryDirectory() as folder:
                for name in names:
                    yield from alone.submit(measured, name, calls, Path(folder)).result()


def chosen(calls: int, *, on_postgresql: bool) -> list[str]:
    """What is measured unless somebody says what."""
    is_too_much = not on_postgresql or calls > ON_POSTGRESQL
    return [name for name in BENCHMARKS if not (name == "inbox-postgresql" and is_too_much)]


def machine(postgresql: str) -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    model = re.search(
        r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE
    )
    return ", ".join(
        (
            f"{os.cpu_count()} cores ({model[1] if model else platform.machine()})",
            f"{memory:.0f} GB",
            f"Python {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}",
            f"PostgreSQL {postgresql or 'none'}",
            f"load at the start {os.getloadavg()[0]:.1f}",
        )
    )


def postgresql_version() -> str:
    """Empty where no server answers."""
    engine = create_engine(f"{SERVER}/postgres", connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            return str(connection.exec_driver_sql("SHOW server_version").scalar_one()).partition(" ")[0]
    except OperationalError:
        return ""
    finally:
        engine.dispose()


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Lines of Markdown; `growth`: times that of the fewest calls, of ours and of bare."""
    yield "| what | calls | ours | bare | ratio | growth: ours, bare | memory |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    least: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: [one.what for one in rows].index(row.what)):
        first = least.setdefault(row.what, row)
        growth = f"{row.ours / first.ours:.1f}, {row.bare / first.bare:.1f}"
        yield (
            f"| {row.what} | {row.calls:,} | {seconds(row.ours)} | {seconds(row.bare)} | {row.ours / row.bare:.2f} "
            f"| {growth if row is not first else '1'} | {row.memory:,.0f} MB |"
        )


def seconds(taken: float) -> str:
    return f"{taken:,.1f} s" if taken >= 1 else f"{taken * 1e3:,.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="CALLS")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=(), metavar="BENCHMARK")
    asked = parser.parse_args()
    here = machine(version := postgresql_version())
    work = [(calls, asked.only or chosen(calls, on_postgresql=bool(version))) for calls in asked.sizes]
    rows = []
    for row in measure(work):
        print(row, file=sys.stderr, flush=True)
        rows.append(row)
    print(f"{here}\n", *table(rows), sep="\n")


if __name__ == "__main__":
    main()
