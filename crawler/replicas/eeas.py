"""The EU delegations' grants listing again: one page a country, with the facet's counts.

A facet that the portal does not know is ignored, and all cards are answered.
"""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.requests import Request

from crawler.replicas.listing import listing_app, moved
from crawler.replicas.sample import Record

FACET = "f[0]"
_PAGE = Markup(
    '<ul data-drupal-facet-id="grant_site">{facets}</ul><div class="srch-results">{pills}'
    '<div class="view view-filter-grants"><div class="view-content"><div class="related-grid">{cards}</div></div>'
    "</div></div>"
)
_FACET = Markup(
    '<li class="facet-item"><a href="/eeas/grants_en" rel="nofollow"{active} data-drupal-facet-item-value="{site}" '
    'data-drupal-facet-item-count="{count}"><span class="facet-item__value">{site}</span></a></li>'
)
_PILL = Markup(
    '<ul class="facet-pills"><li class="facet-pills__pill"><a href="/eeas/grants_en" rel="nofollow">'
    '<span class="facet-pills__pill__link">{}</span></a></li></ul>'
)
_CARD = Markup(
    '<div class="card"><div class="card-body small"><div class="card-title"><a href="{href}?s=229">\n{title} </a>'
    "</div></div>{deadline}</div>\n"
)
_DEADLINE = Markup(
    '<div class="card-footer dark small node__meta"><div class="field field--name-field-deadline">'
    '<time datetime="{datetime}" class="datetime">{date}</time></div></div>'
)


def create_app(records: Sequence[Record]) -> Starlette:
    """The listing with these cards. `sites` of a record are the countries it is listed in."""
    counts: dict[str, int] = {}
    for site in (site for record in records for site in record["sites"]):
        counts[site] = counts.get(site, 0) + 1

    def grants(request: Request) -> Markup:
        asked = request.query_params.get(FACET, "").removeprefix("grant_site:")
        site = asked if asked in counts else ""
        found = [record for record in records if not site or site in record["sites"]]
        return _PAGE.format(
            facets=Markup().join(
                _FACET.format(
                    site=name, count=count, active=Markup(' class="is-active"') if name == site else ""
                )
                for name, count in sorted(counts.items())
            ),
            pills=_PILL.format(site) if site else "",
            cards=Markup().join(map(_card, found)),
        )

    return listing_app({"/eeas/grants_en": grants})


def _card(record: Record) -> Markup:
    deadline = _DEADLINE.format(**record) if record.get("datetime") else ""
    return _CARD.format(href=record["href"], title=record["title"], deadline=deadline)


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every deadline so many days later, in both of its spellings."""
    return moved(records, {"datetime": "%Y-%m-%dT%H:%M:%SZ", "date": "%d.%m.%Y"}, days)
