"""The details of a call in the Spanish national register of grants (BDNS) as a call.

The fields and their traps are described in docs/sources/bdns.md. Every function here is pure.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from crawler.parsers.status import status_by_dates
from crawler.text import clip, plain_line, plain_text
from store.records import CallRecord, DeadlineRecord, Document, Kind, Status

SOURCE = "bdns"
MADRID = "Europe/Madrid"
NO_CALL = "Concesión directa - instrumental"
"""Grants to a body named beforehand, registered for the accounts."""
PAGE = "https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/"
LONGEST_LINE = 2_000

_REGION = re.compile(r"^(ES[0-9A-Z]{0,3})\s+-\s+(.+)$")
_ADDRESS = re.compile(r"^https?://\S+$")
_HOUR = re.compile(r"\b(\d{1,2})[:.](\d{2})\s*(?:h\b|horas?\b)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\([^()]*Canarias[^()]*\)")

Fields = Mapping[str, Any]


def source_key(row: Fields) -> str:
    """The register's number of a call: named differently in the search and in the details."""
    return line(row, "codigoBDNS") or line(row, "numeroConvocatoria")


def is_call(row: Fields) -> bool:
    """Only the details say it; a row of the search might be one."""
    return line(row, "tipoConvocatoria") != NO_CALL


def to_record(row: Fields, today: date | None = None) -> CallRecord:
    """The details of a call, as they are on `today`. Raises ValueError for what is no call."""
    if not is_call(row):
        raise ValueError(f"no call: {NO_CALL}")
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    opening = _parse_day(row, "fechaInicioSolicitud", notices)
    if opening is None and line(row, "textInicio"):
        notices.append("opening_in_prose")
    regions = _regions(row)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        identifiers=tuple(f"BDNS-{key}" for key in [source_key(row)] if key),
        titles=_parse_titles(row),
        texts=_parse_texts(row, notices),
        conditions=_parse_conditions(row, notices),
        programme=_parse_programme(row),
        programme_code=_parse_programme_code(row),
        types_of_action=_lines([row], "tipoConvocatoria") + _labels(row, "instrumentos"),
        status=_parse_status(row, opening, deadlines, today, notices),
        opening=opening,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        budget_cents=_parse_budget(row, notices),
        geographical_zones=tuple(name for _, name in regions),
        countries=("ES",) if regions else (),
        regions=tuple(code for code, _ in regions),
        applicants=_labels(row, "tiposBeneficiarios"),
        documents=_parse_documents(row),
        published=_parse_day(row, "fechaRecepcion", notices),
        keywords=_parse_keywords(row),
        page=PAGE + source_key(row),
        notices=tuple(notices),
    )


def line(fields: Fields, name: str) -> str:
    """A text or a number on one line; what is neither says nothing."""
    value = fields.get(name)
    return plain_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _objects(row: Fields, name: str) -> list[Fields]:
    value = row.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _lines(objects: list[Fields], name: str) -> tuple[str, ...]:
    return tuple(text for item in objects if (text := line(item, name)))


def _labels(row: Fields, name: str) -> tuple[str, ...]:
    return _lines(_objects(row, name), "descripcion")


def _parse_titles(row: Fields) -> dict[str, str]:
    """`descripcionLeng` is in the language that is official beside Spanish: Catalan where Catalan bodies write."""
    stated = {"es": line(row, "descripcion"), "ca": line(row, "descripcionLeng")}
    return {language: title[:LONGEST_LINE].strip() for language, title in stated.items() if title}


def _parse_texts(row: Fields, notices: list[str]) -> dict[str, str]:
    """The announcements in official journals, the newest first. One that only repeats its title says nothing."""
    found = {}
    for language, suffix in (("es", ""), ("ca", "Leng")):
        stated = [
            plain_text(item["texto" + suffix])
            for item in _objects(row, "anuncios")
            if line(item, "texto" + suffix) not in ("", line(item, "titulo" + suffix))
        ]
        found[language], clipped = clip("\n\n".join(stated))
        if clipped:
            notices.append("text_clipped")
    return {language: text for language, text in found.items() if text}


def _parse_conditions(row: Fields, notices: list[str]) -> dict[str, str]:
    """The rules it is held by, and an opening that is no date."""
    rules = row.get("reglamento")
    stated = [line(row, "descripcionBasesReguladoras")]
    stated += [line(rules, "descripcion") if isinstance(rules, dict) else "", line(row, "ayudaEstado")]
    stated += [*_labels(row, "objetivos"), line(row, "textInicio")]
    stated += [
        text
        for name in ("urlBasesReguladoras", "sedeElectronica")
        if not _ADDRESS.match(text := line(row, name))
    ]
    text, clipped = clip("\n".join(part for part in stated if part))
    if clipped:
        notices.append("text_clipped")
    return {"es": text} if text else {}


def _funds(row: Fields) -> list[tuple[str, str]]:
    """Codes and names of the European funds: `FSE+ - FONDO SOCIAL EUROPEO PLUS`."""
    pairs = [label.partition(" - ") for label in _labels(row, "fondos")]
    return [(code, name or code) for code, _, name in pairs]


def _parse_programme(row: Fields) -> str:
    """The European fund that pays; else the body that calls."""
    if row.get("mrr") is True:
        return "Next Generation EU"
    return next((name for _, name in _funds(row)), "") or _body(row)


def _parse_programme_code(row: Fields) -> str:
    return "MRR" if row.get("mrr") is True else next((code for code, _ in _funds(row)), "")


def _body(row: Fields) -> str:
    body = row.get("organo")
    return line(body, "nivel3") or line(body, "nivel2") if isinstance(body, dict) else ""


def _parse_day(row: Fields, name: str, notices: list[str]) -> date | None:
    stated = line(row, name)
    try:
        return date.fromisoformat(stated[:10]) if stated else None
    except ValueError:
        notices.append("date_unreadable")
        return None


def _parse_deadlines(row: Fields, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The date, with the words beside it. Words alone stay words, even when they name a day."""
    prose, unreadable = plain_text(str(row.get("textFin") or "")), [""]
    day = _parse_day(row, "fechaFinSolicitud", unreadable)
    if day is None and len(unreadable) > 1:
        notices.append("deadline_unreadable")
        prose = prose or line(row, "fechaFinSolicitud")
    if day is None and not prose:
        return ()
    if day is None:
        notices.append("deadline_in_prose")
    at = _parse_hour(prose) if day is not None else None
    return (DeadlineRecord(day=day, at=at, zone=MADRID, prose=prose),)


def _parse_hour(prose: str) -> time | None:
    """The hour that the words name, when it is one; the hour of the Canary Islands is the same instant."""
    hours = set(_HOUR.findall(_ELSEWHERE.sub("", prose)))
    if len(hours) != 1:
        return None
    hour, minute = map(int, hours.pop())
    return time(hour, minute) if hour < 24 and minute < 60 else None  # noqa: PLR2004 - a clock's own


def _parse_status(
    row: Fields,
    opening: date | None,
    deadlines: tuple[DeadlineRecord, ...],
    today: date | None,
    notices: list[str],
) -> Status:
    """The flag `abierto` disagrees with the dates of the same row: where there are dates, these count."""
    flag, found = row.get("abierto"), status_by_dates(opening, deadlines, today)
    if found is Status.UNKNOWN:
        return Status.OPEN if flag is True else Status.UNKNOWN
    if isinstance(flag, bool) and flag != (found is Status.OPEN):
        notices.append("open_flag_contradicts_dates")
    return found


def _parse_budget(row: Fields, notices: list[str]) -> int | None:
    """In cents; 0 is unknown."""
    stated = row.get("presupuestoTotal")
    if stated is None:
        return None
    try:
        cents = Decimal(str(stated)).scaleb(2)
        if not isinstance(stated, bool) and cents >= 0:
            return int(cents.to_integral_value()) or None
    except (InvalidOperation, OverflowError):
        pass
    notices.append("budget_unreadable")
    return None


def _regions(row: Fields) -> list[tuple[str, str]]:
    """NUTS codes and names: `ES511 - Barcelona`."""
    matches = map(_REGION.match, _labels(row, "regiones"))
    return [(match[1], match[2]) for match in matches if match]


def _parse_keywords(row: Fields) -> tuple[str, ...]:
    stated = [line(row, "descripcionFinalidad"), *_labels(row, "sectores"), _body(row)]
    return tuple(dict.fromkeys(word for word in stated if word))


def _parse_documents(row: Fields) -> tuple[Document, ...]:
    """What has an address: `documentos` have none in the answers, only names."""
    return tuple(dict.fromkeys(_linked(row)))


def _linked(row: Fields) -> Iterator[Document]:
    stated = [
        (line(item, "desDiarioOficial") or line(item, "titulo"), line(item, "url"))
        for item in _objects(row, "anuncios")
    ]
    stated += [
        (line(row, "descripcionBasesReguladoras"), line(row, "urlBasesReguladoras")),
        ("Sede electrónica", line(row, "sedeElectronica")),
        (line(row, "ayudaEstado"), line(row, "urlAyudaEstado")),
    ]
    for title, address in stated:
        if _ADDRESS.match(address):
            yield Document(title=title[:LONGEST_LINE] or address, address=address)
