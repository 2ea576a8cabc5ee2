"""Every sentence of the product in every language, whole."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import notifier
import review
from config.organisation import LANGUAGES, Language
from notifier.catalogue import catalogue_file

PACKAGES = [Path(module.__path__[0]) for module in (notifier, review)]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def used() -> set[str | tuple[str, ...]]:
    """The sentences that code and templates ask for."""
    methods = [("**.py", "python"), ("templates/**.j2", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found = [extract_from_dir(package, methods, keywords=keywords) for package in PACKAGES]
    return {message for messages in found for _, _, message, _, _ in messages}


def catalogue(language: Language) -> Catalog:
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def sentences(language: Language) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_and_nothing_is_left_over(language: Language) -> None:
    assert {message.id for message in sentences(language)} == used()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated(language: Language) -> None:
    for message in sentences(language):
        assert not message.fuzzy, message.id
        assert all(forms(message.string)), message.id
        if message.pluralizable:
            assert len(forms(message.string)) == catalogue(language).num_plurals, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language: Language) -> None:
    for message in sentences(language):
        wanted = {name for form in forms(message.id) for name in PLACEHOLDER.findall(form)}
        for form in forms(message.string):
            assert set(PLACEHOLDER.findall(form)) == wanted, form


@pytest.mark.parametrize("language", ["ca", "fr"])
def test_apostrophes_are_typographic(language: Language) -> None:
    for message in sentences(language):
        assert not any("'" in form for form in forms(message.string)), message.string
