"""`funding new-source`: the files of a source, all at once."""

from typing import Annotated

import typer

from cli.output import say
from config.errors import ConfigurationError
from config.settings import load_settings
from crawler.contract import write_contracts
from crawler.scaffolding import CHECKOUT, Method, ScaffoldError
from crawler.scaffolding import new_source as write_source


def new_source(
    name: Annotated[str, typer.Argument(help="Its key, such as eu_portal.")],
    method: Annotated[Method, typer.Option(help="How it is read.")],
    title: Annotated[str, typer.Option("--name", help="Its name for people.")] = "",
    address: Annotated[str, typer.Option(help="The page that its calls are on.")] = "",
) -> None:
    """Write spider, parser, replica, test and documentation of a source, switched off, for you to fill in."""
    settings = load_settings()
    sources = settings.config / settings.organisation / "sources.toml"
    try:
        written = write_source(CHECKOUT, sources, name, method, title, address)
    except ScaffoldError as error:
        raise ConfigurationError(str(error)) from error
    for path in [*written, *write_contracts([name])]:
        say(str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path))
    say(f"\nWhat to do next is what its test says: python -m pytest -n0 tests/sources/{name}")
