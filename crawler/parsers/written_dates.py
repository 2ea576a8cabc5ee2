"""Days and hours as people write them under a label in a text: read where they are certain, else kept as prose. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from crawler.parsers.listing import DOTS, MONTH, day_of
from store.records import DeadlineRecord

BRUSSELS = "Europe/Brussels"
FORMS = (MONTH, "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y-%m-%d", DOTS)
"""Slashes are not among them: nobody can tell 05/06/2026 from 06/05/2026."""

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?"
)
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}\s+\d{{4}}\b|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}\b"
    r"|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\.\d{1,2}\.\d{4}\b",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b(\d{1,2})(?:[:.h](\d{2})\b(?:\s*([ap])\.?m\b\.?)?|\s*([ap])\.?m\b\.?)", re.IGNORECASE)
_ZONE = re.compile(r"\b(?:CES?T|Central European(?: Summer)? Time|Brussels)\b", re.IGNORECASE)
_FILLER = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|at|on|by|until|hrs?|hours?|h|time)\b|[\s,.;:()|/@–—-]+",
    re.IGNORECASE,
)
_NOT_IN_A_FORM = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|,|(?<=[a-z])\.", re.IGNORECASE)
_SEPT = re.compile(r"\bSept\b", re.IGNORECASE)


def labelled_lines(text: str, *labels: str) -> dict[str, list[str]]:
    """What stands under each label, every time: after a colon, on the line below, or beside it when it is a figure.

    "The deadline is near" is so no label, nor is "Deadline extended".
    """
    names = "|".join(map(re.escape, labels))
    pattern = re.compile(
        rf"(?:\b({names})[ \t]*:\s*|^({names})(?:[ \t]*\n\s*|[ \t]+(?=\d)))"
        rf"(?!(?:{names})\b)(\S.*?)\s*(?=\b(?:{names})[ \t]*:|$)",
        re.IGNORECASE | re.MULTILINE,
    )
    found: dict[str, list[str]] = {label: [] for label in labels}
    for before_colon, alone, value in pattern.findall(text):
        found[(before_colon or alone).lower()].append(value)
    return found


def certain_day(stated: str) -> date | None:
    """The day of a line that says one day, perhaps with its hour, and nothing else."""
    moment = _read(stated)
    return moment.day if moment else None


def deadlines_of(lines: Iterable[str], notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The deadlines of such lines, in Brussels' time; any other line is prose without a day.

    A deadline that a text repeats, with its hour or without it, is one.
    """
    found: dict[tuple[date | None, time | None, str], DeadlineRecord] = {}
    for deadline in (_deadline(line, notices) for line in lines):
        prose = "" if deadline.day else deadline.prose
        found.setdefault((deadline.day, deadline.at, prose), deadline)
    with_hour = {deadline.day for deadline in found.values() if deadline.at}
    return tuple(one for one in found.values() if one.day is None or one.at or one.day not in with_hour)


def _deadline(stated: str, notices: list[str]) -> DeadlineRecord:
    moment = _read(stated)
    if moment is None:
        notices.append("deadline_in_prose")
        return DeadlineRecord(day=None, prose=stated)
    notices += _doubts(moment)
    alone = _DAY.fullmatch(stated.strip()) is not None
    return DeadlineRecord(day=moment.day, at=moment.at, zone=BRUSSELS, prose="" if alone else stated)


@dataclass(frozen=True)
class _Moment:
    """`hour` is the hour as it is written, `zones` what is said of its zone, in lower case."""

    day: date
    hour: str
    at: time | None
    zones: frozenset[str]


def _read(stated: str) -> _Moment | None:
    days = _DAY.findall(stated)
    rest = _DAY.sub(" ", stated)
    hours = list(_HOUR.finditer(rest))
    rest = _HOUR.sub(" ", rest)
    zones = frozenset(zone.lower() for zone in _ZONE.findall(rest))
    day = _day(days[0]) if len(days) == 1 else None
    if day is None or len(hours) > 1 or _FILLER.sub("", _ZONE.sub(" ", rest)):
        return None
    return _Moment(day, hours[0].group() if hours else "", _time(hours[0]) if hours else None, zones)


def _day(written: str) -> date | None:
    return day_of(_SEPT.sub("Sep", _NOT_IN_A_FORM.sub("", written)), *FORMS)


def _time(found: re.Match[str]) -> time | None:
    """`5 pm` is 17:00, `12 am` is midnight; None for an hour that no clock shows."""
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 99  # noqa: PLR2004 - a clock's own
    try:
        return time(hour, minute)
    except ValueError:
        return None


def _doubts(moment: _Moment) -> list[str]:
    """An hour without a zone, or with the one of the other half of the year: "CET" in summer."""
    if not moment.hour:
        return []
    if moment.at is None:
        return ["deadline_time_unreadable"]
    if not moment.zones:
        return ["deadline_zone_not_stated"]
    summer = bool(datetime.combine(moment.day, moment.at, ZoneInfo(BRUSSELS)).dst())
    other = {"cet", "central european time"} if summer else {"cest", "central european summer time"}
    return ["deadline_zone_doubtful"] if moment.zones <= other else []
