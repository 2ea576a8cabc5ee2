"""CIDO, calls that Catalan public bodies publish, a data set of the Catalan open-data server."""

from crawler.bases.rows import Row
from crawler.bases.socrata import SocrataSpider
from crawler.parsers import cido as parser
from store.records import CallRecord


class Cido(SocrataSpider):
    """
    What      Calls whose term is open by the source's word.
    Address   https://analisi.transparenciacatalunya.cat/resource/3gku-b36y.json
    Access    GET, JSON, no key; the Socrata API with `$where`, `$order`, `$limit`, `$offset`.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/cido.md. No answer of it has been recorded: only its address and five fields are known. No
              field for a deadline has been seen.
    """

    name = "cido"
    home = "https://analisi.transparenciacatalunya.cat"
    dataset = "3gku-b36y"

    def where(self) -> str:
        return f"estat='{parser.OPEN}'"

    def is_as_asked(self, row: Row, query: str) -> bool:
        return row.get("estat") in (None, parser.OPEN)

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
