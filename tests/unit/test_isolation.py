"""What tests.isolation lets pass and what it refuses: a check that passed everything would prove nothing."""

from typing import Any

import pytest
from sqlalchemy import and_, delete, exists, func, select, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from store import models, spans
from tests.isolation import owned_tables, unbound

Assignment: Any = models.Assignment
Call: Any = models.Call
Decision: Any = models.Decision
Delivery: Any = models.Delivery
DeliveryItem: Any = models.DeliveryItem
Match: Any = models.Match
MatchArea: Any = spans.MatchArea
SameCall: Any = models.SameCall
THEIRS = Match.organisation == "one"
ON_MATCH = col(Decision.call_id) == Match.call_id
Alias = aliased(Match)
LAST = select(func.max(Assignment.id)).where(Assignment.organisation == "one").group_by(Assignment.call_id)
KEPT = select(Delivery.id).where(Delivery.organisation == "one")
PART = select(Match.id.label("place"), Match.call_id).where(THEIRS).subquery()
TOUCHES = exists().where(col(MatchArea.match_id) == Match.id)

BOUND: dict[str, Any] = {
    "calls are common to all": select(Call).where(Call.id == 1),
    "where": select(Match).where(THEIRS, Match.score > 1),
    "one of several conditions": select(Match).where(and_(Match.score > 1, and_(THEIRS, Match.score < 9))),
    "join with calls": select(Match, Call).join(Call, col(Call.id) == Match.call_id).where(THEIRS),
    "join by organisation": select(Match)
    .join(Decision, and_(ON_MATCH, Decision.organisation == Match.organisation))
    .where(THEIRS),
    "join that says it itself": select(Match)
    .outerjoin(Decision, and_(ON_MATCH, Decision.organisation == "one"))
    .where(THEIRS),
    "alias": select(Alias).where(Alias.organisation == "one"),
    "by foreign key": select(DeliveryItem)
    .join(Delivery, col(Delivery.id) == DeliveryItem.delivery_id)
    .where(Delivery.organisation == "one"),
    "by the number of its owner": select(DeliveryItem).where(DeliveryItem.delivery_id == 1),
    "by a list of rows": select(Assignment).where(col(Assignment.id).in_(LAST)),
    "by a list of owners": delete(DeliveryItem).where(col(DeliveryItem.delivery_id).in_(KEPT)),
    "within the statement around": select(Match).where(THEIRS, TOUCHES),
    "by a part": select(PART).where(exists().where(col(MatchArea.match_id) == PART.c.place)),
    "update": update(Match).where(THEIRS).values(score=0),
}
LOOSE: dict[str, tuple[Any, list[str]]] = {
    "nothing": (select(Match), ["match"]),
    "another condition": (select(Match).where(Match.call_id == 1), ["match"]),
    "by primary key": (select(Match).where(Match.id == 1), ["match"]),
    "no value": (select(Match).where(col(Match.organisation).is_not(None)), ["match"]),
    "other than": (select(Match).where(Match.organisation != "one"), ["match"]),
    "one of two conditions": (select(Match).where(THEIRS | (Match.score > 1)), ["match"]),
    "counted": (select(func.count()).select_from(Match), ["match"]),
    "joined by the call": (select(Match).join(Decision, ON_MATCH).where(THEIRS), ["decision"]),
    "bound by an outer join alone": (
        select(Match).outerjoin(Decision, and_(ON_MATCH, Decision.organisation == "one", THEIRS)),
        ["match"],
    ),
    "the alias of one that is bound": (
        select(Match, Alias).where(THEIRS, Alias.score == Match.score),
        ["match"],
    ),
    "a list of calls": (
        select(Call).where(col(Call.id).in_(select(Decision.call_id))),
        ["decision"],
    ),
    "a list of loose rows": (
        select(Assignment).where(col(Assignment.id).in_(select(func.max(Assignment.id)))),
        ["assignment"],
    ),
    "a list of rows of something else": (
        select(Assignment).where(col(Assignment.id).in_(select(SameCall.call_id))),
        ["assignment"],
    ),
    "a part": (select(select(Match.call_id).subquery()), ["match"]),
    "deep within": (
        select(Call).where(exists().where(col(SameCall.call_id).in_(select(Decision.call_id)))),
        ["decision"],
    ),
    "a row that is owned": (select(DeliveryItem).where(DeliveryItem.call_id == 1), ["delivery_item"]),
    "update": (update(Match).values(score=0), ["match"]),
    "delete": (delete(Decision).where(col(Decision.officer) == "both"), ["decision"]),
    "words": (text('SELECT * FROM "match" WHERE 1'), ["match"]),
    "words within": (select(Call).where(text("call.id IN (SELECT call_id FROM decision)")), ["decision"]),
    "union": (select(Match.id).where(THEIRS).union(select(Decision.id)), ["decision"]),
}


@pytest.mark.parametrize("name", BOUND)
def test_bound_to_an_organisation(name: str) -> None:
    assert unbound(BOUND[name]) == []


@pytest.mark.parametrize("name", LOOSE)
def test_not_bound(name: str) -> None:
    statement, tables = LOOSE[name]
    assert unbound(statement) == tables


def test_every_table_of_an_organisation_is_known() -> None:
    assert {"match", "match_area", "delivery", "delivery_item", "access_token"} <= set(owned_tables())
    assert not {"call", "call_span", "same_call", "text_vector", "crawl_run"} & set(owned_tables())
