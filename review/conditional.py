"""Answers that programs ask for again and again: whoever has the newest one is told so, and gets nothing."""

import hashlib
from http import HTTPStatus

from fastapi import Request, Response

CACHE = "private, no-cache"
"""Whoever asked may keep the answer, and asks each time whether it is still the same."""


def conditional(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """`content`, or 304 without it where `request` names it as known (RFC 9110, 13.1.2). The tag is of its bytes."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    always = {"ETag": tag, "Cache-Control": CACHE, **(headers or {})}
    known = request.headers.getlist("If-None-Match")
    if any(one.strip().removeprefix("W/") in ("*", tag) for line in known for one in line.split(",")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=always)
    return Response(content, media_type=media_type, headers=always)
