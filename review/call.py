"""The page of a call: all that is known of it, with the words that decide marked where they stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from sqlmodel import Session

from config.organisation import Organisation
from config.schema import Project
from notifier.headings import reason_name
from notifier.items import Item
from notifier.links import page_of_call
from notifier.reasons import area_name, evidence
from notifier.sheet import write_sheet
from notifier.words import Words
from review.activity import activity, stage_name
from review.history import field_name, histories, named_in
from review.loading import face_of, find_call, read_item
from review.marking import Mark, anchor_of, apart, evidence_marks, marked_lines, term_marks
from review.rendering import page
from review.similar import Likeness, Similar, similar_calls
from review.site import TheSite, TheVisitor
from review.timeline import timeline
from store.audit import revision_of
from store.decisions import Reason
from store.models import Call
from store.stages import WITH_MONEY, CallStage, current_stages

router = APIRouter()


@dataclass(frozen=True)
class Passage:
    """A text of the call as its source states it, line by line, marked. `language` is empty where the field has none."""

    field: str
    label: str
    language: str
    lines: tuple[Markup, ...]

    @property
    def is_long(self) -> bool:
        return self.field in ("texts", "conditions")


@dataclass(frozen=True)
class Quotation:
    """A sentence that quotes the call, the place of the words in the page (empty: none), and what the rule says of them."""

    sentence: str
    anchor: str
    reason: str


@dataclass(frozen=True)
class Precedent:
    """A similar call: `why` it is, and what `became` of it here."""

    title: str
    language: str
    address: str
    identifier: str
    state: str
    deadlines: tuple[str, ...]
    why: str
    became: str


@dataclass(frozen=True)
class Choices:
    """What the forms of `call_actions.html.j2` offer, as (value, name), and the names of the stages with an amount."""

    reasons: tuple[tuple[str, str], ...]
    stages: tuple[tuple[str, str], ...]
    with_money: tuple[str, ...]
    officers: tuple[tuple[str, str], ...]


@router.get("/calls/{source}/{source_key:path}")
def call_page(request: Request, source: str, source_key: str, site: TheSite, visitor: TheVisitor) -> Response:
    """The call; what another source states too is shown as the face of both."""
    organisation, words, now = site.organisation, visitor.words, site.clock()
    with site.database.reading() as session:
        call = find_call(session, source, source_key)
        if call is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        face = face_of(session, call)
        if face.id != call.id:
            return RedirectResponse(page_of_call("", face))
        item = read_item(session, organisation, call, now)
        sheet = write_sheet(item, words, organisation, now)
        passages, placed = _passages(item, words, organisation)
        return page(
            request,
            "call.html.j2",
            call=call,
            item=item,
            sheet=sheet,
            address=page_of_call("", call),
            partners_address=page_of_call("", call).replace("/calls/", "/partners/", 1),
            seen=revision_of(session, organisation.key, call),
            passages=passages,
            quotations=_quotations(item, words, organisation, placed),
            points=timeline(item, words, now),
            histories=histories(
                session, item, {one.key: one.name for one in organisation.sources}, words, now
            ),
            precedents=_precedents(session, organisation, item, words, now),
            projects=_projects(item, organisation),
            activity=activity(session, organisation, item, words, now),
            choices=choices_for(words, organisation),
        )


def choices_for(words: Words, organisation: Organisation) -> Choices:
    return Choices(
        reasons=tuple((reason.value, reason_name(words, reason)) for reason in Reason if reason),
        stages=tuple((stage.value, stage_name(words, stage)) for stage in CallStage),
        with_money=tuple(stage_name(words, stage) for stage in CallStage if stage in WITH_MONEY),
        officers=tuple((one.id, one.name[words.language]) for one in organisation.officers),
    )


FIELDS = {
    "title": "titles",
    "text": "texts",
    "conditions": "conditions",
    "applicants": "applicants",
    "type_of_action": "types_of_action",
    "programme": "programme",
    "identifier": "identifiers",
    "countries": "countries",
    "regions": "regions",
}
"""Of what evidence names as its field: the field of the record."""


def _stated(call: Call) -> Iterator[tuple[str, str, str]]:
    """(field of evidence, language, text) of what the source states, in the form in which rules read it."""
    for language, title in call.titles.items():
        yield "title", language, title
    yield from (("text", language, text) for language, text in call.texts.items())
    yield from (("conditions", language, text) for language, text in call.conditions.items())
    yield "applicants", "", "\n".join(call.applicants)
    yield "type_of_action", "", "\n".join(call.types_of_action)
    yield "programme", "", call.programme
    yield "identifier", "", call.identifiers[0] if call.identifiers else ""
    yield "countries", "", " ".join(call.countries)
    yield "regions", "", " ".join(call.regions)


def _passages(
    item: Item, words: Words, organisation: Organisation
) -> tuple[tuple[Passage, ...], frozenset[str]]:
    """What the source states, marked, and the anchors of the quotations that have a place there."""
    match = item.match
    terms = {term for one in (*match.areas, *match.roles) for term in one["terms"]}
    notes = {rule.id: rule.reason[words.language] for rule in organisation.rules}
    passages, placed = [], set()
    for field, language, text in _stated(item.call):
        if not text:
            continue
        marks: Sequence[Mark] = [
            *evidence_marks(match.evidence, field, language, text, notes),
            *term_marks(text, terms),
        ]
        placed |= {mark.anchor for mark in apart(marks, len(text)) if mark.anchor}
        stored = FIELDS[field]
        passages.append(
            Passage(
                stored,
                named_in(words, field_name(words, stored), language),
                language,
                tuple(marked_lines(text, marks)),
            )
        )
    return tuple(passages), frozenset(placed)


def _quotations(
    item: Item, words: Words, organisation: Organisation, placed: frozenset[str]
) -> tuple[Quotation, ...]:
    reasons: Mapping[str, str] = {rule.id: rule.reason[words.language] for rule in organisation.rules}
    return tuple(
        Quotation(
            sentence,
            anchor if (anchor := anchor_of(number)) in placed else "",
            reasons.get(found.get("rule", ""), ""),
        )
        for number, (sentence, found) in enumerate(
            zip(evidence(words, item.match), item.match.evidence, strict=False), start=1
        )
    )


def _precedents(
    session: Session, organisation: Organisation, item: Item, words: Words, now: datetime
) -> tuple[Precedent, ...]:
    similar = similar_calls(session, organisation, item, now)
    stages = current_stages(session, organisation.key) if similar else {}
    found = []
    for one in similar:
        sheet = write_sheet(one.item, words, organisation, now)
        stage = stages.get(one.item.call_id)
        found.append(
            Precedent(
                title=sheet.title,
                language=sheet.title_language,
                address=page_of_call("", one.item.call),
                identifier=sheet.identifier,
                state=sheet.state,
                deadlines=sheet.deadlines,
                why=_why(one, words, organisation),
                became=stage_name(words, stage.stage) if stage else "",
            )
        )
    return tuple(found)


def _why(one: Similar, words: Words, organisation: Organisation) -> str:
    match one.why:
        case Likeness.TEXT:
            return words.gettext("nearly the same text")
        case Likeness.MEANING:
            return words.gettext("close in meaning")
        case Likeness.AREAS:
            names = [area_name(words, organisation, area) for area in one.areas]
            return words.gettext("the same areas: %(areas)s", areas=words.listed(names))


def _projects(item: Item, organisation: Organisation) -> tuple[Project, ...]:
    known = {project.id: project for project in organisation.projects}
    return tuple(known[one["id"]] for one in item.match.projects if one["id"] in known)
