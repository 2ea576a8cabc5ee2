"""Requests that are not served: a calm page in the visitor's language, and for programs a problem as they know it."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from notifier.words import Words
from review.headers import secured
from review.language import language_of
from review.problems import invalid, problem
from review.rendering import page
from review.site import Role, Visitor, site_of
from store.audit import StaleError
from store.errors import StoreError

RETRY_AFTER = "30"
"""Seconds: as long as a writer of the store waits for another one."""
log = logging.getLogger(__name__)


class RefusedError(HTTPException):
    """A request that is not let through. `why` is one word: it chooses the sentence, and stands in the audit log."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(status)
        self.why = why


def add_error_pages(app: FastAPI) -> None:
    """Answer whatever goes wrong in a page of `app`."""
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(StaleError, _on_stale)
    app.add_exception_handler(StoreError, _on_store)
    app.add_exception_handler(Exception, _on_bug)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    why = error.why if isinstance(error, RefusedError) else ""
    return error_page(request, HTTPStatus(error.status_code), why, dict(error.headers or {}))


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if is_for_programs(request):
        return invalid(error.errors())
    return error_page(request, HTTPStatus.UNPROCESSABLE_ENTITY)


def _on_stale(request: Request, _: Exception) -> Response:
    return error_page(request, HTTPStatus.CONFLICT)


def _on_store(request: Request, error: Exception) -> Response:
    return unavailable(request, error)


def _on_bug(request: Request, _: Exception) -> Response:
    """The server itself writes the traceback to its log; nothing of it gets into the page."""
    return secured(request, error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR))


def unavailable(request: Request, error: Exception) -> Response:
    """What the store says is for whoever runs it."""
    log.error("%s", error)
    return error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": RETRY_AFTER})


def is_for_programs(request: Request) -> bool:
    return f"{request.url.path}/".startswith("/api/")


def error_page(
    request: Request, status: HTTPStatus, why: str = "", headers: dict[str, str] | None = None
) -> Response:
    """What is answered instead of the page. One that htmx asked for takes the place of the whole main part."""
    if is_for_programs(request):
        return problem(status, headers)
    if not hasattr(request.state, "visitor"):
        language = language_of(request, site_of(request))
        request.state.visitor = Visitor(role=Role.NOBODY, language=language, csrf="")
    words = request.state.visitor.words
    answer = page(
        request,
        "error.html.j2",
        status,
        title=_title(words, status),
        sentence=_sentence(words, status, why),
        again=request.url.path if why == "token" and request.method == "GET" else "",
    )
    answer.headers.update(headers or {})
    if "HX-Request" in request.headers:
        answer.headers.update({"HX-Retarget": "#main", "HX-Reswap": "innerHTML"})
    return answer


def _title(words: Words, status: HTTPStatus) -> str:
    titles = {
        HTTPStatus.NOT_FOUND: words.gettext("There is no such page"),
        HTTPStatus.FORBIDDEN: words.gettext("Not allowed"),
        HTTPStatus.CONFLICT: words.gettext("Somebody else was faster"),
        HTTPStatus.TOO_MANY_REQUESTS: words.gettext("Too many tries"),
        HTTPStatus.SERVICE_UNAVAILABLE: words.gettext("Not available for a moment"),
        HTTPStatus.INTERNAL_SERVER_ERROR: words.gettext("Something went wrong here"),
    }
    return titles.get(status) or words.gettext("This cannot be answered")


def _sentence(words: Words, status: HTTPStatus, why: str) -> str:
    """By `why` where it is known, else by `status`."""
    reasons = {
        "token": words.gettext(
            "Open the address that “funding review” printed when it was started: it lets in one browser. "
            "If it was used already, start “funding review” again."
        ),
        "csrf": words.gettext(
            "This page was open for too long, or was changed on its way. Go back, load it anew and try again."
        ),
        "origin": words.gettext("Another website asked for this in your name. Nothing was changed."),
        "proxy": words.gettext("This service is reached through the organisation’s sign-in alone."),
        "unlisted": words.gettext("You are not listed here. Ask whoever runs this service."),
        "link": words.gettext(
            "This link was used already, or is older than a quarter of an hour. Ask for another one."
        ),
        "reader": words.gettext("You may look at everything here, and change nothing."),
        "officer": words.gettext("Say first who decides at this machine."),
    }
    return reasons.get(why) or _general(words, status)


def _general(words: Words, status: HTTPStatus) -> str:
    sentences = {
        HTTPStatus.FORBIDDEN: words.gettext("You may not do this."),
        HTTPStatus.NOT_FOUND: words.gettext("The address may be mistyped, or the call is not stored here."),
        HTTPStatus.METHOD_NOT_ALLOWED: words.gettext("This page cannot be asked for in this way."),
        HTTPStatus.REQUEST_TIMEOUT: words.gettext("What was sent took too long to arrive."),
        HTTPStatus.CONFLICT: words.gettext(
            "This was changed by somebody else since you opened it. Load it anew, look at what changed, "
            "and decide again."
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: words.gettext("More was sent than is accepted at once."),
        HTTPStatus.REQUEST_URI_TOO_LONG: words.gettext("The address is too long: take some filters off."),
        HTTPStatus.UNPROCESSABLE_ENTITY: words.gettext("A field holds something that does not belong there."),
        HTTPStatus.TOO_MANY_REQUESTS: words.gettext("Wait a quarter of an hour, then try again."),
        HTTPStatus.SERVICE_UNAVAILABLE: words.gettext(
            "The data cannot be read or written now: it may be being upgraded, or in use. "
            "Nothing was changed; try again in half a minute."
        ),
        HTTPStatus.INTERNAL_SERVER_ERROR: words.gettext("It was noted in the log. Nothing was changed."),
    }
    return sentences.get(status) or words.gettext("What was sent does not make sense here.")
