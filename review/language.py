"""In which language a visitor is spoken to, and how they choose another one."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from config.organisation import LANGUAGES, Language
from review.paths import local_path
from review.site import Site, TheSite

COOKIE = "funding_language"
YEAR = 365 * 24 * 3600
NAMES: dict[Language, str] = {"ca": "Català", "es": "Español", "en": "English", "fr": "Français"}
router = APIRouter()


def language_of(request: Request, site: Site, own: Language | None = None) -> Language:
    """The one that was chosen in this browser; else the visitor's `own`, else what the browser prefers."""
    asked = [own] if own else _preferred(request.headers.get("Accept-Language", ""))
    wanted = [request.cookies.get(COOKIE), *asked, site.organisation.profile.language]
    return next(language for name in wanted for language in LANGUAGES if language == name)


def _preferred(header: str) -> list[str]:
    """The languages of an Accept-Language (RFC 9110, 12.5.4), the most wanted first: `fr-CH, fr;q=0.9` gives fr, fr."""
    weighed = []
    for part in header[:200].split(","):
        name, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight or 1), name.strip().partition("-")[0].lower()))
        except ValueError:
            continue
    return [name for _, name in sorted(weighed, key=lambda one: -one[0])]


@router.post("/language")
def choose(
    site: TheSite, language: Annotated[Language, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Keep the choice in the browser, and go on where it was made."""
    answer = RedirectResponse(local_path(back), status_code=303)
    is_secure = site.settings.review_url.startswith("https:")
    answer.set_cookie(COOKIE, language, max_age=YEAR, httponly=True, samesite="lax", secure=is_secure)
    return answer
