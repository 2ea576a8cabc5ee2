"""The budget of an EU call: its own lines out of a table that covers the whole call."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

UNREADABLE = "budget_unreadable"
LARGEST = 10**16
"""Cents: a hundred million millions, beyond any budget."""
MOST_GRANTS = 100_000
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Budget:
    """Amounts in cents; None is unknown (the portal's 0 too)."""

    total: int | None = None
    smallest: int | None = None
    largest: int | None = None
    grants: int | None = None
    currency: str = "EUR"
    deadline_model: str = ""


def parse_budget(fields: Mapping[str, Any], identifier: str, notices: list[str]) -> Budget:
    """The budget of the topic `identifier`, from `budgetOverview`; of other kinds from `budget` and `currency`.

    What cannot be read becomes unknown and a notice.
    """
    try:
        overview = _only(fields.get("budgetOverview"))
        if overview:
            lines = _own_lines(overview, identifier)
            return _sum(lines) if lines else Budget()
        return _stated(fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        notices.append(UNREADABLE)
        return Budget()


def _stated(fields: Mapping[str, Any]) -> Budget:
    currency = str(_only(fields.get("currency")) or "EUR").strip().upper()
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"{currency} is no currency")
    return Budget(total=_cents(_only(fields.get("budget"))), currency=currency)


def _own_lines(overview: Any, identifier: str) -> list[dict[str, Any]]:
    """The lines whose `action` is `<identifier> - <type of action>`: the others are sibling topics'."""
    table = json.loads(overview)["budgetTopicActionMap"]
    lines = [line for group in table.values() for line in group]
    return [line for line in lines if str(line["action"]).split(" - ")[0].strip() == identifier]


def _sum(lines: list[dict[str, Any]]) -> Budget:
    years = [_cents(amount) for line in lines for amount in (line.get("budgetYearMap") or {}).values()]
    smallest = [amount for line in lines if (amount := _cents(line.get("minContribution")))]
    largest = [amount for line in lines if (amount := _cents(line.get("maxContribution")))]
    grants = sum(_grants(line.get("expectedGrants")) for line in lines)
    return Budget(
        total=_in_bounds(sum(amount for amount in years if amount)),
        smallest=min(smallest, default=None),
        largest=max(largest, default=None),
        grants=grants if 0 < grants <= MOST_GRANTS else None,
        deadline_model=str(lines[0].get("deadlineModel") or ""),
    )


def _only(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _cents(value: Any) -> int | None:
    """Euros as whole cents: `24000000`, `"24000000"`, `"1 500 000.50"`; zero and nothing are unknown.

    Raises ValueError for what is no amount: a sum without it would be wrong.
    """
    text = "".join(str("" if value is None else value).split())
    try:
        return _in_bounds(Decimal(text or "0") * 100)
    except ArithmeticError as error:
        raise ValueError(f"{text} is no amount") from error


def _in_bounds(cents: Decimal | int) -> int | None:
    if not 0 <= cents <= LARGEST:
        raise ValueError(f"{cents} cents is no amount that a call can have")
    return round(cents) or None


def _grants(value: Any) -> int:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_GRANTS)) else 0
