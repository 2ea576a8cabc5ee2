"""Keys in the addresses of mails and feeds: signed for one purpose, known to nobody but whom they were given to."""

from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer

from config.organisation import Organisation
from config.schema import Officer
from store.mail_stops import hash_of


class Purpose(StrEnum):
    """What a token is good for, and nothing else."""

    UNSUBSCRIBE = "unsubscribe"
    FEED = "feed"


class TokenError(ValueError):
    """A token that this installation did not sign for that purpose, or not for this officer at this address."""


@dataclass(frozen=True)
class Holder:
    """Whom a token is for. `address` is the beginning of `store.mail_stops.hash_of` the address it was made for."""

    organisation: str
    officer: str
    address: str


def token(purpose: Purpose, organisation: str, officer: str, address: str, secret: str) -> str:
    """URL-safe, without the address, good as long as the officer has it."""
    signed = _serializer(purpose, secret).dumps([organisation, officer, _short_hash(address)])
    return signed if isinstance(signed, str) else signed.decode("ascii")


def verify(purpose: Purpose, token: str, secret: str) -> Holder:
    """Whom `token` is for. Raises TokenError."""
    try:
        organisation, officer, address = _serializer(purpose, secret).loads(token)
    except BadData as error:
        raise TokenError("no token of this installation") from error
    return Holder(organisation, officer, address)


def holder_of(purpose: Purpose, organisation: Organisation, token: str, secret: str) -> Officer:
    """The officer who got `token` at the address that is still theirs. Raises TokenError."""
    held = verify(purpose, token, secret)
    officer = organisation.officer(held.officer)
    if held.organisation != organisation.key or officer is None or held.address != _short_hash(officer.email):
        raise TokenError("a token of somebody who is not here any more")
    return officer


def _serializer(purpose: Purpose, secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=purpose.value)


def _short_hash(address: str) -> str:
    return hash_of(address)[:16]
