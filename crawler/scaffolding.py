"""A new source as files: spider, parser, replica with a made-up record, test, documentation page, `[[source]]` block.

It works from the first minute, on its made-up record; its test fails until that is replaced.
"""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("scaffold")
CHECKOUT = Path(__file__).parents[1]
FILES = {
    "spider.py.j2": "crawler/spiders/{name}.py",
    "parser.py.j2": "crawler/parsers/{name}.py",
    "replica.py.j2": "crawler/replicas/{name}.py",
    "records.jsonl.j2": "crawler/replicas/records/{name}.jsonl",
    "test.py.j2": "tests/sources/{name}/test_{name}.py",
    "expected.json.j2": "tests/sources/{name}/expected.json",
    "page.md.j2": "docs/sources/{name}.md",
}
"""Where what becomes of a template stands; a method has its own template where it differs from the others."""


class Method(StrEnum):
    """How a source is read: a base of `crawler/bases/` each."""

    PAGED = "paged"
    MULTIPART = "multipart"
    ALGOLIA = "algolia"
    SOCRATA = "socrata"
    WORDPRESS = "wordpress"
    LISTING = "listing"
    SCHEME = "scheme"


@dataclass(frozen=True)
class _Access:
    """A method in words; the name of a row's key; where the rows are when nobody says it."""

    words: str
    key: str = "id"
    path: str = "/calls"


_ACCESS = {
    Method.PAGED: _Access("GET, JSON in pages", path="/api/calls"),
    Method.MULTIPART: _Access("POST of a multipart form, JSON in pages", path="/api/search"),
    Method.ALGOLIA: _Access("Algolia multi-query with the keys that the site's page ships", key="objectID"),
    Method.SOCRATA: _Access("Socrata API: GET, JSON, no key"),
    Method.WORDPRESS: _Access("WordPress REST API: GET, JSON, no key"),
    Method.LISTING: _Access("HTML listing"),
    Method.SCHEME: _Access("HTML page of a standing scheme", path="/scheme"),
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TITLE = re.compile(r"[^\"\\\x00-\x1f\x7f]{1,80}")
ADDRESS = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[\w./~%+-]*)?")
ALL = "all"
"""What `funding replica` takes for every source."""


class ScaffoldError(ValueError):
    """Why there is no new source, in a sentence."""


def new_source(root: Path, sources: Path, name: str, method: Method, title: str, address: str) -> list[Path]:
    """Write the files of a source into the checkout `root` and its block into the file `sources`; the paths, in order.

    `title` is its name for people, `address` its page; empty where they are not known yet. Raises ScaffoldError for
    what cannot be a source, and writes nothing then.
    """
    _check(root, name, title, address)
    words = _words(name, method, title, address)
    texts = {
        root / path.format(name=name): _render(method, template, words) for template, path in FILES.items()
    }
    if taken := next((path for path in texts if path.exists()), None):
        raise ScaffoldError(f"`{name}` is taken: there is {taken.relative_to(root)}")
    listed = sources.read_text(encoding="utf-8")
    if re.search(rf'^key\s*=\s*"{name}"', listed, re.MULTILINE):
        raise ScaffoldError(f"`{name}` is taken: it stands in {sources}")
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources.write_text(
        listed.rstrip("\n") + "\n" + _render(method, "source.toml.j2", words), encoding="utf-8"
    )
    return [*texts, sources]


def _check(root: Path, name: str, title: str, address: str) -> None:
    if not ((root / "pyproject.toml").is_file() and (root / "tests" / "sources").is_dir()):
        raise ScaffoldError(
            f"{root} is no checkout of this program: a source needs tests and documentation too"
        )
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or name == ALL:
        raise ScaffoldError(
            f"`{name}` cannot be the name of a source: small letters, digits and _, a letter first, 40 at most"
        )
    if title and not TITLE.fullmatch(title):
        raise ScaffoldError('a name for people is one line of 80 characters at most, without " and \\')
    if address and not ADDRESS.fullmatch(address):
        raise ScaffoldError(f"`{address}` is no address such as https://example.org/calls")


def _words(name: str, method: Method, title: str, address: str) -> dict[str, str]:
    # `.invalid` leads nowhere, for sure (RFC 2606).
    access = _ACCESS[method]
    parts = urlsplit(address or f"https://{name.replace('_', '-')}.invalid")
    home, path = f"{parts.scheme}://{parts.netloc}", parts.path if parts.path.strip("/") else access.path
    return {
        "name": name,
        "class_name": "".join(part.capitalize() for part in name.split("_")),
        "title": title.strip() or name.replace("_", " ").title(),
        "home": home,
        "path": path,
        "page": home + path,
        "access": access.words,
        "key": access.key,
        "method": method,
    }


def _render(method: Method, template: str, words: Mapping[str, str]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701  Python, JSON and TOML are no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.select_template([f"{method}/{template}", template]).render(words)
