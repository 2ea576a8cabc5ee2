"""Ids that never change: of a call, of a feed, of a deadline, whatever becomes of the rows of the database.

They are tag addresses (RFC 4151) in the name of the organisation's website, and UUIDs (RFC 9562, version 5) made of them.
"""

from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from config.organisation import Organisation
from store.models import Call

SINCE = "2026"
"""A date on which the website was the organisation's, as a tag asks for: part of every id, hence never to be changed."""


def call_tag(organisation: Organisation, call: Call) -> str:
    """`tag:amb.cat,2026:call/eu_portal/HORIZON-CL5-2026-01`: what a source calls it is all that it depends on."""
    return _tag(organisation, "call", call.source, call.source_key)


def feed_tag(organisation: Organisation, name: str, language: str) -> str:
    """`tag:amb.cat,2026:feed/area/mobility/ca`; `name` may have parts."""
    return _tag(organisation, "feed", *name.split("/"), language)


def call_uuid(organisation: Organisation, call: Call, part: str = "") -> UUID:
    """The id of a call, or of a `part` of it."""
    return uuid5(
        NAMESPACE_URL, f"{call_tag(organisation, call)}#{part}" if part else call_tag(organisation, call)
    )


def authority(organisation: Organisation) -> str:
    """The domain that ids are given out by."""
    return (urlsplit(organisation.profile.website).hostname or organisation.key).removeprefix("www.")


def _tag(organisation: Organisation, *path: str) -> str:
    return f"tag:{authority(organisation)},{SINCE}:" + "/".join(quote(step, safe="") for step in path)
