"""The partners and networks that fit a call, each with its reasons, and a draft of a message to one of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from babel import Locale
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from config.clock import local_day
from config.organisation import LANGUAGES, Language
from config.schema import Link, Network, Partner
from matcher.partnering import Fit, Sought, Where, fitting
from notifier.fitting import stated_countries, stated_regions
from notifier.items import Item
from notifier.links import page_of_call
from notifier.sheet import write_sheet
from notifier.words import BABEL_LOCALES, Words, words_in
from review.language import NAMES
from review.loading import face_of, find_call, read_item
from review.partner_letter import draft_letter
from review.rendering import page
from review.site import TheSite, TheVisitor
from store.models import Call

router = APIRouter()


@dataclass(frozen=True)
class Row:
    """A partner in words. `use` is what the configuration says of a network, in English."""

    key: str
    name: str
    country: str
    kind: str
    reasons: tuple[str, ...]
    doubts: tuple[str, ...]
    use: str = ""


@router.get("/partners/{source}/{source_key:path}")
def partners(
    request: Request,
    source: str,
    source_key: str,
    site: TheSite,
    visitor: TheVisitor,
    to: str = "",
    language: str = "",
) -> Response:
    """Who fits the call. `to` is whom a message is drafted to, `language` the one it is written in."""
    organisation, words, now = site.organisation, visitor.words, site.clock()
    with site.database.reading() as session:
        call = find_call(session, source, source_key)
        if call is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        face = face_of(session, call)
        if face.id != call.id:
            return RedirectResponse(_address(face))
        item = read_item(session, organisation, call, now)
        sought = sought_by(item, now)
        found = fitting(organisation, sought)
        chosen = next((fit for fit in found.fits if fit.partner.id == to), None)
        written: Language = next((one for one in LANGUAGES if one == language), words.language)
        draft = None
        if chosen:
            theirs = words_in(written)
            sheet = write_sheet(item, theirs, organisation, now)
            draft = draft_letter(theirs, organisation, visitor.officer, item, sheet, chosen)
        return page(
            request,
            "partners.html.j2",
            sheet=write_sheet(item, words, organisation, now),
            address=_address(call),
            call_address=page_of_call("", call),
            rows=[_row(words, sought, fit) for fit in found.fits],
            left_out=[_left_out(words, sought, fit) for fit in found.left_out],
            day=words.full_date(sought.day),
            chosen=_row(words, sought, chosen) if chosen else None,
            written=written,
            draft=draft,
            names=NAMES,
        )


def _address(call: Call) -> str:
    return page_of_call("", call).replace("/calls/", "/partners/", 1)


def sought_by(item: Item, now: datetime) -> Sought:
    """What the call says of who can take part, in all of its sources. Without a deadline they take part today."""
    today = local_day(now)
    day = (item.deadline.day if item.deadline else None) or today
    return Sought(
        programmes=tuple(call.programme for call in item.sources if call.programme),
        day=day,
        countries=stated_countries(item.sources),
        regions=stated_regions(item.sources),
        zones=tuple(zone for call in item.sources for zone in call.geographical_zones),
        named={one["id"]: one["words"] for one in item.match.named},
        areas=frozenset(area["id"] for area in item.match.areas),
    )


def _row(words: Words, sought: Sought, fit: Fit) -> Row:
    partner = fit.partner
    return Row(
        key=partner.id,
        name=partner.name[words.language],
        country=_country(words, partner.country),
        kind=_kind(words, partner),
        reasons=tuple(_reasons(words, fit)),
        doubts=tuple(_doubts(words, sought, fit)),
        use=partner.use if isinstance(partner, Network) else "",
    )


def _kind(words: Words, partner: Partner | Network) -> str:
    if isinstance(partner, Network):
        return words.gettext("network")
    return {
        "priority": words.gettext("priority partner of the plan"),
        "intensify": words.gettext("partner to work more with, by the plan"),
        "encourage": words.gettext("partner to encourage, by the plan"),
        "named": words.gettext("named in the plan"),
    }[partner.tier]


def _reasons(words: Words, fit: Fit) -> list[str]:
    said = []
    if fit.named:
        said.append(words.gettext("The call names it: %(words)s.", words=words.quoted(fit.named)))
    said += [_through(words, link) for link in (*fit.links, *fit.partial)]
    if fit.projects:
        projects = words.listed([project.name[words.language] for project in fit.projects])
        said.append(words.gettext("Worked with us on the same areas: %(projects)s.", projects=projects))
    if fit.suits:
        said.append(words.gettext("What it is for, by our configuration, names the programme."))
    return said


def _through(words: Words, link: Link) -> str:
    return words.gettext("Way to take part: %(link)s.", link=_dated(words, link))


def _dated(words: Words, link: Link) -> str:
    """`Interreg NEXT MED (del 2 de gener del 2021 al 31 de desembre del 2027)`."""
    start, end = (words.full_date(day) if day else "" for day in (link.valid_from, link.valid_to))
    if start and end:
        said = words.gettext(
            "%(programme)s (from %(start)s to %(end)s)", programme=link.programme, start=start, end=end
        )
    elif start:
        said = words.gettext("%(programme)s (since %(start)s)", programme=link.programme, start=start)
    elif end:
        said = words.gettext("%(programme)s (until %(end)s)", programme=link.programme, end=end)
    else:
        return link.programme
    return words.smooth(said)


def _doubts(words: Words, sought: Sought, fit: Fit) -> list[str]:
    said = []
    country = _country(words, fit.partner.country)
    match fit.where:
        case Where.UNSAID:
            said.append(
                words.gettext(
                    "The call does not state countries; check that this one may take part: %(country)s.",
                    country=country,
                )
            )
        case Where.PART:
            regions = ", ".join(sought.regions.get(fit.partner.country, ()))
            said.append(
                words.gettext(
                    "%(country)s: the call states regions alone (%(regions)s); check that its own is one of them.",
                    country=country,
                    regions=regions,
                )
            )
        case Where.ELSEWHERE:
            said.append(
                words.gettext("%(country)s: not among the countries that the call states.", country=country)
            )
        case Where.STATED:
            pass
    if fit.partial and not fit.links:
        said.append(
            words.gettext("That holds for a part of the programme: check that the call belongs to it.")
        )
    return said


def _left_out(words: Words, sought: Sought, fit: Fit) -> Row:
    """With what leaves it out in place of the doubts."""
    why = _doubts(words, sought, fit) if fit.where is Where.ELSEWHERE else []
    day = words.full_date(sought.day)
    why += [
        words.smooth(words.gettext("Not valid on %(day)s: %(link)s.", day=day, link=_dated(words, link)))
        for link in fit.ended
    ]
    return replace(_row(words, sought, fit), doubts=tuple(why))


def _country(words: Words, code: str) -> str:
    return str(Locale.parse(BABEL_LOCALES[words.language]).territories.get(code, code))
