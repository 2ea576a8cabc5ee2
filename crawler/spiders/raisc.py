"""The Catalan register of grants (RAISC), a data set of the Catalan open-data server."""

from typing import Any

from config.clock import clock, local_day
from crawler.bases.rows import Row
from crawler.bases.socrata import SocrataSpider
from crawler.parsers import raisc as parser
from store.records import CallRecord


class Raisc(SocrataSpider):
    """
    What      Grants that Catalan bodies call for in open competition, of this year and the one before.
    Address   https://analisi.transparenciacatalunya.cat/resource/khxn-nv6a.json
    Access    GET, JSON, no key; the Socrata API with `$where`, `$order`, `$limit`, `$offset`.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/raisc.md. Many of the calls are in BDNS too: both records bear the number they have there.
    """

    name = "raisc"
    home = "https://analisi.transparenciacatalunya.cat"
    dataset = "khxn-nv6a"
    order = "codi_raisc"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = self.today or local_day(clock())
        self.years = (str(self.day.year - 1), str(self.day.year))

    def where(self) -> str:
        years = ",".join(f"'{year}'" for year in self.years)
        kind = parser.OPEN_COMPETITION
        return f"tipus_de_convocat_ria_codi='{kind}' AND any_de_la_convocat_ria in({years})"

    def is_as_asked(self, row: Row, query: str) -> bool:
        year = parser.line(row, "any_de_la_convocat_ria")
        return year in self.years or not year.isdecimal()

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row, self.day)
