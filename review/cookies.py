"""The one cookie by which a browser is known, and the token for forms that goes with it."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

from config.settings import Settings
from store.access import new_token


@dataclass(frozen=True)
class BrowserCookie:
    """A cookie of chance alone. `key` signs the tokens of forms: whoever sees one cannot tell the cookie from it.

    Browsers send a cookie to every port of a host: where several reviews share one, `name` tells them apart.
    """

    name: str
    key: bytes
    is_secure: bool = False
    same_site: Literal["lax", "strict"] = "lax"

    def of(self, request: Request) -> str:
        """The browser's token; empty where it has none."""
        return request.cookies.get(self.name, "")

    def csrf(self, token: str) -> str:
        return hmac.new(self.key, token.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def set(self, answer: Response, token: str, lasting: timedelta | None = None) -> None:
        """Give the browser `token`, until it is closed or for `lasting`."""
        answer.set_cookie(
            self.name,
            token,
            max_age=int(lasting.total_seconds()) if lasting else None,
            httponly=True,
            samesite=self.same_site,
            secure=self.is_secure,
        )

    def of_or_new(self, request: Request) -> str:
        """The browser's token; one that has none gets one with the answer."""
        token = self.of(request)
        if not token:
            token = new_token()
            answer = Response()
            self.set(answer, token)
            request.state.new_cookie = answer.headers["set-cookie"]
        return token

    def remove(self, answer: Response) -> None:
        answer.delete_cookie(self.name, httponly=True, samesite=self.same_site, secure=self.is_secure)


def signed_cookie(settings: Settings) -> BrowserCookie:
    """That of an installation which others reach: the tokens of its forms outlast a restart.

    `__Host-` keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3.2); it takes https.
    """
    is_secure = urlsplit(settings.review_url).scheme == "https"
    key = hashlib.sha256(b"forms" + settings.secret.get_secret_value().encode()).digest()
    return BrowserCookie("__Host-funding_review" if is_secure else "funding_review", key, is_secure)
