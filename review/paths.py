"""Where a visitor is sent back to: within this site, whatever was asked for."""

import re

LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""No host can stand in it: browsers take `//host`, `/\\host` and `/<tab>/host` for one."""


def local_path(given: str, otherwise: str = "/") -> str:
    """`given` if it is a path of this site with or without a query, else `otherwise`."""
    return given if LOCAL.fullmatch(given) else otherwise
