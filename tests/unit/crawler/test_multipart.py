"""Forms of JSON parts, as another implementation reads them."""

import asyncio
import json

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from crawler.bases.multipart import json_parts

QUERY = {"bool": {"must": [{"terms": {"type": ["1", "8"]}}]}}


def test_every_part_is_a_file_of_json() -> None:
    body, content_type = json_parts(query=QUERY, languages=["en", "ca"], title="Ciutats · més verdes")

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def read() -> dict[str, tuple[str | None, str | None, object]]:
        headers = [(b"content-type", content_type.encode())]
        request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
        found = {}
        async with request.form() as form:
            for name, part in form.multi_items():
                assert isinstance(part, UploadFile)
                found[name] = (part.filename, part.content_type, json.loads(await part.read()))
        return found

    assert asyncio.run(read()) == {
        "query": ("blob", "application/json", QUERY),
        "languages": ("blob", "application/json", ["en", "ca"]),
        "title": ("blob", "application/json", "Ciutats · més verdes"),
    }


def test_boundary_cannot_stand_in_a_part() -> None:
    body, content_type = json_parts(text="\r\n--funding-tracker-form--\r\n")
    boundary = content_type.partition("boundary=")[2].encode()
    assert body.count(b"\r\n--" + boundary) == 1
    assert body.startswith(b"--" + boundary)
