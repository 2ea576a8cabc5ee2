"""Calls as JSON with the names of CommonGrants (commongrants.org), an open standard for funding opportunities.

Names and forms are those of its model `OpportunityBase`, version 0.3: an id that is a UUID, amounts as decimal texts,
events with a type, and under `customFields` whatever the standard has no name for.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.organisation import Organisation
from notifier.items import Item
from notifier.permanent import call_tag, call_uuid
from notifier.plain import rfc3339
from notifier.scope import Scope, updated_at
from notifier.sheet import Sheet, write_sheet
from notifier.words import Words
from store.models import Call, Deadline
from store.states import State

STATUSES = {State.FORTHCOMING: "forecasted", State.OPEN: "open", State.CLOSED: "closed"}
"""The standard's words; what is unknown is a custom status."""
FIELD_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def write_json(scope: Scope, words: Words, organisation: Organisation, now: datetime) -> bytes:
    """UTF-8. What is not known is left out, but for the description, which the standard asks for."""
    items = [_opportunity(item, words, organisation, now) for item in scope.calls]
    document = {
        "title": scope.title(words),
        "language": words.language,
        "generatedAt": rfc3339(now),
        "items": items,
    }
    return (json.dumps(document, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _opportunity(item: Item, words: Words, organisation: Organisation, now: datetime) -> dict[str, Any]:
    call, sheet = item.call, write_sheet(item, words, organisation, now)
    required = {
        "id": str(call_uuid(organisation, call)),
        "title": sheet.title,
        "status": _status(item.state, sheet),
        "description": call.texts.get(sheet.text_language, ""),
        "createdAt": rfc3339(call.first_seen_at),
        "lastModifiedAt": rfc3339(updated_at(item)),
    }
    return required | _known(
        {
            "funding": _funding(call),
            "keyDates": _key_dates(call),
            "acceptedApplicantTypes": [
                {"value": "custom", "customValue": applicant} for applicant in call.applicants
            ],
            "source": call.page,
            "customFields": dict(_custom_fields(item, sheet, organisation)),
        }
    )


def _status(state: State, sheet: Sheet) -> dict[str, str]:
    if state in STATUSES:
        return {"value": STATUSES[state], "description": sheet.state}
    return {"value": "custom", "customValue": state.value, "description": sheet.state}


def _funding(call: Call) -> dict[str, Any]:
    return _known(
        {
            "totalAmountAvailable": _money(call.budget_cents, call.currency),
            "minAwardAmount": _money(call.grant_min_cents, call.currency),
            "maxAwardAmount": _money(call.grant_max_cents, call.currency),
            "estimatedAwardCount": call.expected_grants,
        }
    )


def _money(cents: int | None, currency: str) -> dict[str, str] | None:
    """`{"amount": "12000000.00", "currency": "EUR"}`."""
    return None if cents is None else {"amount": f"{cents // 100}.{cents % 100:02}", "currency": currency}


def _key_dates(call: Call) -> dict[str, Any]:
    """`closeDate` is the last deadline by which a newcomer can enter; all of them stand in `otherDates`."""
    dated = [deadline for deadline in call.deadlines if deadline.day]
    entry = [deadline for deadline in dated if (deadline.stage or 1) == 1]
    others = {f"deadline{place}": _deadline(one) for place, one in enumerate(dated, start=1)}
    return _known(
        {
            "postDate": _event("Published", call.published.isoformat()) if call.published else None,
            "closeDate": _deadline(entry[-1]) if entry else None,
            "otherDates": _known(
                {"opening": _event("Opening", call.opening.isoformat()) if call.opening else None} | others
            ),
        }
    )


def _deadline(deadline: Deadline) -> dict[str, Any]:
    """Date and time by the clock of the zone that the description names."""
    assert deadline.day is not None
    name = f"Deadline, stage {deadline.stage}" if deadline.stage else "Deadline"
    event = _event(name, deadline.day.isoformat())
    if deadline.at is None:
        return event
    return event | {"time": deadline.at.isoformat(timespec="seconds"), "description": deadline.zone}


def _event(name: str, day: str) -> dict[str, Any]:
    return {"name": name, "eventType": "singleDate", "date": day}


def _custom_fields(
    item: Item, sheet: Sheet, organisation: Organisation
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in _known(_particulars(item, sheet, organisation)).items():
        yield name, {"name": name, "fieldType": FIELD_TYPES[type(value)], "value": value}


def _particulars(item: Item, sheet: Sheet, organisation: Organisation) -> dict[str, Any]:
    """What the standard has no name for: facts of the call first, then how it stands to the organisation."""
    call, match = item.call, item.match
    names = {project.id: project.name["en"] for project in organisation.projects}
    return {
        "permanentId": call_tag(organisation, call),
        "sourceName": sheet.source.name,
        "sourceKey": call.source_key,
        "version": call.version,
        "identifiers": call.identifiers,
        "kind": call.kind,
        "titles": call.titles,
        "programme": call.programme or call.programme_code,
        "typesOfAction": call.types_of_action,
        "deadlineModel": call.deadline_model,
        "deadlines": [
            one.model_dump(mode="json", exclude={"id", "call_id", "position"}) for one in call.deadlines
        ],
        "noDeadline": call.no_deadline,
        "fundingRate": call.funding_rate,
        "countries": call.countries,
        "regions": call.regions,
        "keywords": call.keywords,
        "alsoAt": [{"name": link.name, "address": link.address} for link in sheet.also],
        "rank": item.rank or None,
        "ownRank": item.own_rank or None,
        "percentile": match.percentile,
        "verdict": match.verdict,
        "eligibility": sheet.eligibility,
        "evidence": [one["words"] for one in match.evidence],
        "role": match.roles[0]["id"] if match.roles else None,
        "areas": [area.key for area in sheet.areas],
        "strategicLines": [line.key for line in sheet.tags.lines],
        "projects": [names.get(one["id"], one["id"]) for one in match.projects],
        "partnersNamed": [one["id"] for one in match.named],
        "why": sheet.why,
    }


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, "", [], {}, ())}
