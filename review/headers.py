"""The headers of every answer: what browsers may do with it."""

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def secure(path: str, headers: MutableHeaders) -> None:
    """Add what an answer for `path` does not say by itself. Styles and scripts may be kept if they are asked for anew."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-cache" if path.startswith("/static/") else "no-store")


def secured(request: Request, answer: Response) -> Response:
    secure(request.url.path, answer.headers)
    return answer
