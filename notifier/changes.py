"""What changed in a call, as sentences: "termini ampliat del 4 al 18 de març"."""

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Any

from notifier.history import Change
from notifier.items import Item
from notifier.words import Words
from store.models import Call

GRANT_FIELDS = {"grant_min_cents", "grant_max_cents"}


def change_sentences(words: Words, item: Item, today: date) -> tuple[str, ...]:
    """One short sentence a change, without a full stop, the weightiest first; each is said once."""
    found = [
        (_weight(change), sentence)
        for change in item.changes
        for sentence in _sentences(words, change, item.call, today)
    ]
    ordered = [sentence for _, sentence in sorted(found, key=lambda pair: pair[0])]
    return tuple(dict.fromkeys(ordered))


def _weight(change: Change) -> int:
    order = ("status", "deadlines", "opening", "budget_cents")
    return order.index(change.field) if change.field in order else len(order)


def _sentences(words: Words, change: Change, call: Call, today: date) -> Iterator[str]:
    match change.field:
        case "status":
            yield _status(words, change)
        case "deadlines":
            yield from _deadlines(words, change.before or [], change.after or [], today)
        case "opening":
            yield _opening(words, change, today)
        case "budget_cents":
            yield _budget(words, change, call.currency)
        case field if field in GRANT_FIELDS:
            size = grant_size(words, call)
            yield words.gettext("grant size now: %(size)s", size=size or words.gettext("not stated"))
        case "expected_grants" if change.after:
            yield words.ngettext("now %(n)s grant expected", "now %(n)s grants expected", change.after)
        case field:
            yield _revised(words, field)


def _status(words: Words, change: Change) -> str:
    if change.after == "open" and change.before == "closed":
        return words.gettext("reopened")
    said = {
        "open": words.gettext("now open"),
        "closed": words.gettext("closed"),
        "forthcoming": words.gettext("forthcoming again"),
    }
    return said.get(change.after, words.gettext("state no longer stated"))


def _deadlines(
    words: Words, before: list[dict[str, Any]], after: list[dict[str, Any]], today: date
) -> Iterator[str]:
    """What was taken off is paired with what was put on, stage by stage; the others did not move."""
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    for stage in sorted({one.get("stage") or 0 for one in gone + come}):
        nothing: dict[str, Any] = {}
        pairs = zip_longest(_of_stage(gone, stage), _of_stage(come, stage), fillvalue=nothing)
        for sentence in filter(None, (_deadline(words, old, new, today) for old, new in pairs)):
            named = stage and max(len(before), len(after)) > 1
            yield (
                words.gettext("stage %(stage)s: %(change)s", stage=stage, change=sentence)
                if named
                else sentence
            )


def _of_stage(deadlines: list[dict[str, Any]], stage: int) -> list[dict[str, Any]]:
    return [one for one in deadlines if (one.get("stage") or 0) == stage]


def _deadline(words: Words, old: dict[str, Any], new: dict[str, Any], today: date) -> str:
    before, after = _day(old.get("day")), _day(new.get("day"))
    if before and after and before != after:
        start, end = words.span(before, after, today)
        if after > before:
            text = words.gettext("deadline extended from %(before)s to %(after)s", before=start, after=end)
        else:
            text = words.gettext(
                "deadline brought forward from %(before)s to %(after)s", before=start, after=end
            )
        return words.smooth(text)
    if after and not before:
        return words.smooth(words.gettext("deadline set: %(day)s", day=words.short_date(after, today)))
    if before and not after:
        day = words.short_date(before, today)
        return words.smooth(words.gettext("the deadline of %(day)s no longer stands", day=day))
    if old.get("at") != new.get("at") and new.get("at"):
        return words.gettext("closing time now %(time)s", time=str(new["at"])[:5])
    return words.gettext("deadline reworded") if old.get("prose") != new.get("prose") else ""


def _opening(words: Words, change: Change, today: date) -> str:
    before, after = _day(change.before), _day(change.after)
    if after is None:
        return words.gettext("opening date no longer stated")
    if before is None:
        return words.smooth(words.gettext("opening set: %(day)s", day=words.short_date(after, today)))
    start, end = words.span(before, after, today)
    if after > before:
        text = words.gettext("opening put off from %(before)s to %(after)s", before=start, after=end)
    else:
        text = words.gettext("opening brought forward from %(before)s to %(after)s", before=start, after=end)
    return words.smooth(text)


def _budget(words: Words, change: Change, currency: str) -> str:
    if change.after is None:
        return words.gettext("budget no longer stated")
    if change.before is None:
        return words.gettext("budget published: %(amount)s", amount=words.money(change.after, currency))
    before, after = words.amounts(change.before, change.after, currency)
    return words.smooth(words.gettext("budget from %(before)s to %(after)s", before=before, after=after))


def grant_size(words: Words, call: Call) -> str:
    """`de 2 a 3 M€`, `fins a 3 M€`, `com a mínim 2 M€`; empty when the source does not say."""
    low, high = call.grant_min_cents, call.grant_max_cents
    if low and high and low != high:
        first, second = words.amounts(low, high, call.currency)
        return words.smooth(words.gettext("from %(low)s to %(high)s", low=first, high=second))
    if high and low:
        return words.money(high, call.currency)
    if high:
        return words.smooth(words.gettext("up to %(amount)s", amount=words.money(high, call.currency)))
    if low:
        return words.gettext("at least %(amount)s", amount=words.money(low, call.currency))
    return ""


def _revised(words: Words, field: str) -> str:
    said = {
        "titles": words.gettext("title corrected"),
        "texts": words.gettext("text revised"),
        "conditions": words.gettext("conditions revised"),
        "types_of_action": words.gettext("type of action corrected"),
        "deadline_model": words.gettext("number of stages or cut-offs corrected"),
        "geographical_zones": words.gettext("eligible territories revised"),
        "countries": words.gettext("eligible territories revised"),
        "regions": words.gettext("eligible territories revised"),
        "applicants": words.gettext("conditions revised"),
        "expected_grants": words.gettext("number of grants no longer stated"),
        "currency": words.gettext("currency corrected"),
    }
    return said.get(field, words.gettext("details corrected"))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
