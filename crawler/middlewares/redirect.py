"""Redirects that stay with the portal: a page that sends its readers elsewhere is not the page that was asked for."""

from typing import Any

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.utils.httpobj import urlparse_cached


class RedirectRefused(IgnoreRequest):
    """The portal sent its reader to another host: a login, a maintenance page, or an address inside our network."""


class SameHostRedirect(RedirectMiddleware):
    """Follows redirects within a host only; so no portal can make this program fetch a private address."""

    def _redirect(self, redirected: Request, request: Request, reason: Any) -> Request:
        there = urlparse_cached(redirected).hostname
        if there != urlparse_cached(request).hostname:
            raise RedirectRefused(f"the portal sends its readers to another host ({there})")
        return super()._redirect(redirected, request, reason)
