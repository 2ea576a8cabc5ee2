"""The product's sentences in four languages: gettext catalogues, read from their source and compiled in memory."""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.organisation import Language

LOCALES = Path(__file__).parent / "locale"


def catalogue_file(language: Language) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


@cache
def translations(language: Language) -> GNUTranslations:
    """The catalogue of `language`; message ids are the English sentences."""
    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
