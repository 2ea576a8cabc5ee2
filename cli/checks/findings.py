"""What a check found."""

from dataclasses import dataclass

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `ok`, `warning` or `fault`, and in a sentence how it is and what to do."""

    what: str
    state: str
    remark: str
