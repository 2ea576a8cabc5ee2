"""Whether the review can do its work, for whatever watches it: open to everybody, and says nothing of anybody."""

import logging

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text

from review.site import TheSite
from store.errors import StoreError

PATH = "/healthz"
log = logging.getLogger(__name__)
router = APIRouter()


@router.api_route(PATH, methods=["GET", "HEAD"], include_in_schema=False)
def healthz(site: TheSite) -> Response:
    """200, or 503 with the word `database` while that cannot be read. What the store says of it is in the log."""
    try:
        with site.database.reading() as session:
            session.execute(text("SELECT version_num FROM alembic_version")).one()
    except StoreError as error:
        log.error("%s", error)  # noqa: TRY400  a sentence says all
        return JSONResponse({"status": "database"}, 503)
    return JSONResponse({"status": "ok"})
