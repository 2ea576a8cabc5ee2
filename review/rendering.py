"""Pages of the review: its own templates beside the notifier's, whose macros they use."""

from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from notifier.templating import templates
from review.language import NAMES
from review.site import Role, site_of, visitor_of

TEMPLATES = Path(__file__).parent / "templates"
VERSION = version("funding-tracker")


def page(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> HTMLResponse:
    """`template` (`inbox.html.j2`) in the visitor's language.

    It may use `site`, `organisation`, `visitor`, `words`, `path`, and `here`, which is the path with its query, beside
    what is given; it extends `base.html.j2`. A request of htmx (`HX-Request`) gets `is_part`: the template then leaves out what stands around its main part.
    """
    site, visitor = site_of(request), visitor_of(request)
    content = (
        templates(visitor.language, TEMPLATES)
        .get_template(template)
        .render(
            site=site,
            organisation=site.organisation,
            visitor=visitor,
            words=visitor.words,
            path=request.url.path,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            languages=NAMES,
            version=VERSION,
            is_outside=visitor.role is Role.NOBODY and not visitor.csrf,
            is_part="HX-Request" in request.headers and "HX-Boosted" not in request.headers,
            **context,
        )
    )
    return HTMLResponse(content, status_code=status)
