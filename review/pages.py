"""All pages of the review."""

from fastapi import APIRouter

from notifier.unsubscribe import unsubscribe_routes
from review import (
    api,
    calendar_page,
    call,
    deciding,
    figures,
    health,
    hidden,
    inbox,
    metrics,
    partners_page,
    published,
    sources_page,
)
from review.site import Site


def pages(site: Site) -> list[APIRouter]:
    """The pages of `site`, ready to be served. What decides stands before what shows: a call's key may hold slashes."""
    return [
        inbox.router,
        deciding.router,
        call.router,
        partners_page.router,
        calendar_page.router,
        hidden.router,
        sources_page.router,
        figures.router,
        api.router,
        published.router,
        health.router,
        metrics.router,
        _unsubscribing(site),
    ]


def _unsubscribing(site: Site) -> APIRouter:
    secret = site.settings.secret.get_secret_value()
    routes = unsubscribe_routes(site.database, site.organisation, secret, site.clock) if secret else []
    return APIRouter(routes=list(routes))
