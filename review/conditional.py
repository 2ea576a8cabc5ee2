"""Answers that programs ask for again and again: whoever has the newest one is told so, and gets nothing."""

import hashlib
from collections.abc import Hashable
from http import HTTPStatus

from fastapi import Request, Response

CACHE = "private, no-cache"
"""Whoever asked may keep the answer, and asks each time whether it is still the same."""


class Tags:
    """The tag of the last answer to each question, with all that it was made of: as long as this is the same, so is it.

    Questions are few, as only those that were answered count.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, str]] = {}

    def keep(self, question: Hashable, made_of: Hashable, answer: Response) -> None:
        self._kept[question] = made_of, answer.headers["ETag"]

    def unchanged(
        self, request: Request, question: Hashable, made_of: Hashable, headers: dict[str, str] | None = None
    ) -> Response | None:
        """304 where `request` names the answer that is made of the same as known; else it has to be made."""
        before, tag = self._kept.get(question, (None, ""))
        if not tag or before != made_of or not _is_known(request, tag):
            return None
        return _not_modified(_always(tag, headers))


def conditional(
    request: Request, content: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """`content`, or 304 without it where `request` names it as known (RFC 9110, 13.1.2). The tag is of its bytes."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    always = _always(tag, headers)
    if _is_known(request, tag):
        return _not_modified(always)
    return Response(content, media_type=media_type, headers=always)


def _always(tag: str, headers: dict[str, str] | None) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": CACHE, **(headers or {})}


def _is_known(request: Request, tag: str) -> bool:
    known = request.headers.getlist("If-None-Match")
    return any(one.strip().removeprefix("W/") in ("*", tag) for line in known for one in line.split(","))


def _not_modified(headers: dict[str, str]) -> Response:
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
