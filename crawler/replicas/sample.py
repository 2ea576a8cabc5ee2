"""Records on disk that a replica serves, and the day that they are of."""

import json
from datetime import date
from pathlib import Path
from typing import Any

Record = dict[str, Any]

RECORDS = Path(__file__).with_name("records")

SAMPLE_DAY = date(2026, 8, 22)
"""When the facts in the records were so."""


def load_records(path: Path) -> list[Record]:
    """The records of a file of JSON lines. A line that is no JSON object: ValueError, with file and line."""
    records = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}, line {number}: {error}") from error
            if not isinstance(record, dict):
                raise ValueError(f"{path}, line {number}: an object is expected")  # noqa: TRY004 - it is the file's value
            records.append(record)
    return records


def weeks_to(today: date) -> int:
    """The days between SAMPLE_DAY and `today` in whole weeks, so that dates shifted by them keep their weekdays."""
    return (today - SAMPLE_DAY).days // 7 * 7
