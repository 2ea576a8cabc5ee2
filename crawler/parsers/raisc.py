"""A row of the Catalan register of grants (RAISC) as a call.

The fields and their traps are described in docs/sources/raisc.md. Every function here is pure.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from crawler.parsers.status import status_by_dates
from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Document, Kind

SOURCE = "raisc"
MADRID = "Europe/Madrid"
OPEN_COMPETITION, DIRECT_GRANT = "O", "I"
BDNS_PAGE = "https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/"
DATA_SET = "https://analisi.transparenciacatalunya.cat/resource/khxn-nv6a.json"
LONGEST_LINE = 2_000

_REGION = re.compile(r"^[A-Z]{2}[0-9A-Z]{0,3}$")
_ADDRESS = re.compile(r"^https?://\S+$")
_YEAR = re.compile(r"^20\d\d$")

Fields = Mapping[str, Any]


def source_key(row: Fields) -> str:
    return line(row, "codi_raisc")


def is_call(row: Fields) -> bool:
    """Direct grants stand in the same register; a kind that is not known is no reason to pass over a row."""
    return line(row, "tipus_de_convocat_ria_codi") != DIRECT_GRANT


def to_record(row: Fields, today: date | None = None) -> CallRecord:
    """A row as it is on `today`. Raises ValueError for what is no call, and for a row whose columns have moved."""
    _check_shape(row)
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    opening = _parse_day(line(row, "data_inici_presentaci_sol"))
    if opening is None and line(row, "data_inici_presentaci_sol"):
        notices.append("opening_in_prose")
    regions = _several(row, "codi_regio_apli")
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        identifiers=_parse_identifiers(row),
        titles=_parse_titles(row),
        texts=_in_catalan(line(row, "objecte_de_la_convocat_ria")),
        conditions=_parse_conditions(row, opening),
        programme=line(row, "entitat_oo_aa_o_departament_1"),
        types_of_action=tuple(
            text for name in ("tipus_de_convocat_ria", "tipus_d_instrument_ajut") if (text := line(row, name))
        ),
        status=status_by_dates(opening, deadlines, today),
        opening=opening,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        budget_cents=_parse_budget(row, notices),
        geographical_zones=_several(row, "regio_apli"),
        countries=tuple(dict.fromkeys(code[:2] for code in regions if _REGION.match(code))),
        regions=tuple(code for code in regions if _REGION.match(code)),
        applicants=_several(row, "tipus_de_beneficiaris"),
        documents=_parse_documents(row),
        published=_parse_day(line(row, "data_diari_oficial")),
        keywords=_parse_keywords(row),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _check_shape(row: Fields) -> None:
    """Columns that moved put one field's value into another: the kind and the year show it."""
    kind, year = line(row, "tipus_de_convocat_ria_codi"), line(row, "any_de_la_convocat_ria")
    if kind == DIRECT_GRANT:
        raise ValueError("no call: a direct grant")
    if kind != OPEN_COMPETITION:
        raise ValueError(f"`{kind[:80]}` is no kind of call that is known: have the columns moved?")
    if not _YEAR.match(year):
        raise ValueError(f"`{year[:80]}` is no year: have the columns moved?")


def line(row: Fields, name: str) -> str:
    value = row.get(name)
    return plain_line(str(value)) if isinstance(value, str | int | float) else ""


def _several(row: Fields, name: str) -> tuple[str, ...]:
    return tuple(text for part in line(row, name).split(";") if (text := part.strip()))


def _parse_identifiers(row: Fields) -> tuple[str, ...]:
    """The number in the Spanish register too: the same call comes from there as well."""
    named = (("RAISC", source_key(row)), ("BDNS", line(row, "codi_bdns")))
    return tuple(f"{register}-{key}" for register, key in named if key)


def _parse_titles(row: Fields) -> dict[str, str]:
    stated = {"ca": line(row, "t_tol_convocat_ria_catal"), "es": line(row, "t_tol_convocat_ria_castell")}
    return {language: title[:LONGEST_LINE].strip() for language, title in stated.items() if title}


def _in_catalan(text: str) -> dict[str, str]:
    return {"ca": text} if text else {}


def _parse_conditions(row: Fields, opening: date | None) -> dict[str, str]:
    """The rules it is held by, and an opening that is no date."""
    prose = "" if opening else line(row, "data_inici_presentaci_sol")
    stated = [line(row, "codificacio_bases_reg"), line(row, "descripcio_bases_reg"), prose]
    stated += [line(row, name) for name in ("ajut_estat_reglament_ue", "ajut_estat_referencia_ue")]
    return _in_catalan("\n".join(dict.fromkeys(part for part in stated if part)))


def _parse_day(text: str) -> date | None:
    """The day of `2022-11-03T00:00:00` or of `03/11/2022`; None for anything else."""
    for pattern, part in (("%Y-%m-%d", text[:10]), ("%d/%m/%Y", text)):
        try:
            return datetime.strptime(part, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _parse_deadlines(row: Fields, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The ISO date, else the one in the text; the hour stands apart. Words stay words."""
    iso, stated = line(row, "data_fi_termini_presentaci_sol_licitud"), line(row, "data_fi_presentaci_sol")
    written = _parse_day(stated)
    day = _parse_day(iso) or written
    if day is None and not (iso or stated):
        return ()
    if day is None:
        notices.append("deadline_in_prose")
    elif written not in (None, day):
        notices.append("deadlines_disagree")
    prose = "" if written is not None and written == day else stated or (iso if day is None else "")
    at = _parse_hour(row) if day is not None else None
    return (DeadlineRecord(day=day, at=at, zone=MADRID, prose=prose),)


def _parse_hour(row: Fields) -> time | None:
    try:
        return time.fromisoformat(line(row, "hora_fi_presentaci_sol_licituds")).replace(tzinfo=None)
    except ValueError:
        return None


def _parse_budget(row: Fields, notices: list[str]) -> int | None:
    """In cents; 0 is unknown."""
    stated = line(row, "import_total_convocat_ria")
    if not stated:
        return None
    try:
        cents = int(Decimal(stated).scaleb(2).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError):
        cents = -1
    if cents < 0:
        notices.append("budget_unreadable")
        return None
    return cents or None


def _parse_keywords(row: Fields) -> tuple[str, ...]:
    names = ("finalitat_publica", "subfinalitat", "origen_del_finan_ament")
    stated = [*(line(row, name) for name in names), *_several(row, "sector_eco_afectat")]
    return tuple(dict.fromkeys(word for word in stated if word))


def _parse_documents(row: Fields) -> tuple[Document, ...]:
    stated = (
        ("diari_oficial_de_publicaci", "url_diari_oficial"),
        ("codificacio_bases_reg", "url_catala_bases_reg"),
        ("codificacio_bases_reg", "url_castella_bases_reguladores"),
        ("", "seu_electr_nica"),
    )
    return tuple(
        Document(title=line(row, title)[:LONGEST_LINE] or address, address=address)
        for title, name in stated
        if _ADDRESS.match(address := line(row, name))
    )


def _parse_page(row: Fields) -> str:
    """The announcement; without one, the call in the Spanish register, else the row itself."""
    if _ADDRESS.match(announced := line(row, "url_diari_oficial")):
        return announced
    if number := line(row, "codi_bdns"):
        return BDNS_PAGE + number
    return f"{DATA_SET}?codi_raisc={source_key(row)}"
