"""Redirects that stay with the portal: a page that sends its readers elsewhere is not the page that was asked for."""

from typing import Any
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

from crawler.addresses import PORTS


class RedirectRefused(IgnoreRequest):
    """The portal sent its reader to another host: a login, a maintenance page, or an address inside our network."""


class SameHostRedirect(RedirectMiddleware):
    """Follows redirects within a host only; so no portal can make this program fetch a private address."""

    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **kwargs: Any
    ) -> Request:
        there = urlsplit(url)
        if there.scheme not in PORTS:
            raise RedirectRefused(f"the portal sends its readers off the web ({there.scheme})")
        if there.hostname != urlparse_cached(source_request).hostname:
            raise RedirectRefused(f"the portal sends its readers to another host ({there.hostname})")
        return super()._build_redirect_request(source_request, response, url=url, **kwargs)
