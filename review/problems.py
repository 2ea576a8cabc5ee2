"""What programs are told when they are not served: problem details (RFC 9457), in English, by the status alone."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
NO_TYPE = "about:blank"
"""The status says all that the problem is (RFC 9457, 4.2.1)."""
INVALID = "/api/openapi.json#/components/schemas/Invalid"
"""The type of the one problem that says more than its status: it leads to what its members mean."""
DETAILS: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "The address or its host is none that is answered here",
    HTTPStatus.UNAUTHORIZED: "There is no token, or it is good no more",
    HTTPStatus.FORBIDDEN: "This service is not reached in this way",
    HTTPStatus.NOT_FOUND: "Nothing here has this address or id",
    HTTPStatus.METHOD_NOT_ALLOWED: "Everything here is read-only",
    HTTPStatus.REQUEST_TIMEOUT: "What was sent took too long to arrive",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "More was sent than is accepted",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The address is too long",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A parameter does not fit",
    HTTPStatus.TOO_MANY_REQUESTS: "This was asked for too often",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here, and was noted in the log",
    HTTPStatus.SERVICE_UNAVAILABLE: "The data cannot be read now",
}


def problem(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`status` as a problem."""
    return JSONResponse(_told(status), status, headers, MEDIA_TYPE)


def invalid(errors: Iterable[Mapping[str, Any]]) -> JSONResponse:
    """422 with what does not fit. `errors` as pydantic lists them; what was given is not repeated."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    told = _told(status) | {"type": INVALID, "errors": [_misfit(one) for one in errors]}
    return JSONResponse(told, status, media_type=MEDIA_TYPE)


def _told(status: HTTPStatus) -> dict[str, Any]:
    return {
        "type": NO_TYPE,
        "title": status.phrase,
        "status": status.value,
        "detail": DETAILS.get(status) or status.description or status.phrase,
    }


def _misfit(error: Mapping[str, Any]) -> dict[str, str]:
    """`in` and `name` are the parameter's in the description of the API (OpenAPI)."""
    place, *name = error["loc"]
    return {"in": place, "name": ".".join(map(str, name)), "detail": error["msg"]}
