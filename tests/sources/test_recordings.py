"""Every recorded row is accounted for: a call, one that was there before, none at all, or set aside with a reason.

`python -m pytest -n0 -s tests/sources/test_recordings.py` prints the account of each recording.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse

from crawler.bases.rows import Row, RowSpider
from crawler.replicas.sample import load_records
from crawler.spiders.bdns import Bdns
from crawler.spiders.dut import Dut
from crawler.spiders.eeas import Eeas
from crawler.spiders.epah import Epah
from crawler.spiders.eu_portal import EuPortal
from crawler.spiders.grants_gov import GrantsGov
from crawler.spiders.interreg_eu import InterregEu
from crawler.spiders.raisc import Raisc
from crawler.spiders.ted import Ted
from crawler.spiders.world_bank import WorldBank
from store.records import CallRecord

TODAY = "2026-08-22"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def cards(spider: Eeas | Epah) -> Callable[[Path], list[Row]]:
    def rows(path: Path) -> list[Row]:
        page = HtmlResponse("https://example.org/", body=path.read_bytes(), encoding="utf-8")
        return [spider.to_row(card) for card in page.css(spider.card)]

    return rows


def results(path: Path) -> list[Row]:
    answer = read(path)
    return list(answer.get("results", [answer]))


def in_columns(path: Path) -> list[Row]:
    columns = read(path.with_name("column_order.json"))
    return [dict(zip(columns, row, strict=False)) for row in read(path)["data"]]


def of_dut(path: Path) -> list[Row]:
    """Values that a parser had taken from the pages: the fields of a card."""
    return [{"title": call["title"], "href": call["canonical_url"]} for call in read(path)]


RECORDINGS: dict[str, tuple[type[RowSpider], Callable[[Path], list[Row]]]] = {
    "eu_portal/results.jsonl": (EuPortal, load_records),
    "eu_portal/search_page_4_open_grants.json": (EuPortal, results),
    "eu_portal/search_page_cascade.json": (EuPortal, results),
    "eu_portal/search_page_tenders.json": (EuPortal, results),
    "eu_portal/search_page_two_stage_stale_index_cofund.json": (EuPortal, results),
    "eu_portal/search_page_spanish_partial.json": (EuPortal, results),
    "eu_portal/result_grant_api2.101.json": (EuPortal, results),
    "eu_portal/result_stale_index_api2.154.json": (EuPortal, results),
    "bdns/calls_2025_2026.json": (Bdns, lambda path: [row["detall"] for row in read(path)["convocatories"]]),
    "bdns/calls_january_2025.json": (
        Bdns,
        lambda path: [row["detall"] for row in read(path)["convocatories"]],
    ),
    "raisc/rows_resource_form_derived.json": (Raisc, read),
    "raisc/rows_array_form.json": (Raisc, in_columns),
    "raisc/rows_shape_changed.json": (Raisc, in_columns),
    "interreg_eu/calls.json": (InterregEu, lambda path: list(read(path)["results"][0]["hits"])),
    "dut/calls_parsed_2026.json": (Dut, of_dut),
    "eeas/grants_listing.html": (Eeas, cards(Eeas())),
    "epah/news.html": (Epah, cards(Epah())),
    "world_bank/procnotices_page_2026-09-12.json": (WorldBank, lambda path: list(read(path)["procnotices"])),
    "world_bank/procnotices_default_fields_trimmed.json": (
        WorldBank,
        lambda path: list(read(path)["procnotices"]),
    ),
    "grants_gov/search2_energy_2026-09-12.json": (
        GrantsGov,
        lambda path: list(read(path)["data"]["oppHits"]),
    ),
    "ted/search_1.json": (Ted, lambda path: list(read(path)["notices"])),
    "ted/search_2.json": (Ted, lambda path: [row for page in read(path)["pages"] for row in page["notices"]]),
}
EXPECTED = {
    "raisc/rows_shape_changed.json": "columns that somebody moved",
    "ted/search_1.json": "an answer to other fields than we ask for: a notice without its title",
}
"""Recordings with rows that have to be set aside, and why."""


def account(spider: RowSpider, rows: list[Row]) -> dict[str, int]:
    found = {"rows": len(rows), "calls": 0, "duplicates": 0, "no calls": 0, "quarantined": 0}
    for row in rows:
        known = spider.key_of(row) in spider.keys
        items = list(spider.items_of(row))
        if items:
            found["calls" if isinstance(items[0], CallRecord) else "quarantined"] += 1
        else:
            found["duplicates" if known else "no calls"] += 1
    return found


@pytest.fixture(scope="module")
def print_header() -> None:
    print(f"\n{'recording':56}{'rows':>6}{'calls':>7}{'dupl.':>7}{'none':>6}{'quar.':>7}")  # noqa: T201


@pytest.mark.usefixtures("print_header")
@pytest.mark.parametrize("name", RECORDINGS)
def test_every_row_is_accounted_for(shared: Path, name: str) -> None:
    kind, rows_of = RECORDINGS[name]
    spider = kind(today=TODAY)
    found = account(spider, rows_of(shared / "recordings" / name))
    rows, calls, duplicates, none, quarantined = found.values()
    print(f"{name:56}{rows:6}{calls:7}{duplicates:7}{none:6}{quarantined:7}")  # noqa: T201
    assert rows > 0
    assert rows == calls + duplicates + none + quarantined
    assert spider.reading.seen == rows - duplicates
    assert bool(quarantined) == (name in EXPECTED)


def test_no_recording_is_left_out(shared: Path) -> None:
    """All but those that hold no rows: labels, columns, a request, a history, projects that are no notices."""
    no_rows = {
        "eu_portal/change_history.json",
        "eu_portal/facets.json",
        "raisc/column_order.json",
        "world_bank/procnotices_request_2026-09-12.json",
        "world_bank/projects_v3_sample.json",
    }
    folder = shared / "recordings"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.is_file()}
    assert files - set(RECORDINGS) == no_rows
