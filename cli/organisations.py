"""`funding organisation`: those that there are, whether they load, and a new one."""

from typing import Annotated, Any

import typer

from cli.configuring import refuse_installed
from cli.output import FAILED, AsJson, complain, print_json, print_table, say
from config.errors import ConfigurationError
from config.new_organisation import NewOrganisation, write_organisation
from config.organisation import Organisation, known_organisations, load_organisation
from config.settings import Settings, load_settings

organisation = typer.Typer(help="The organisations that calls are ranked for.", no_args_is_help=True)
Found = Organisation | ConfigurationError


@organisation.command("list")
def list_organisations(as_json: AsJson = False) -> None:
    """Those in the folder of organisations, with what they inherit from and how much they hold."""
    settings = load_settings()
    found = {key: _load(settings, key) for key in known_organisations(settings.config)}
    if as_json:
        print_json([_as_json(settings, key, one) for key, one in found.items()])
        return
    print_table(
        f"Organisations in {settings.config}",
        ("key", "inherits", "areas#", "projects#", "officers#", "name"),
        [_as_cells(settings, key, one) for key, one in found.items()],
        wrap=True,
    )


@organisation.command("check")
def check(
    key: Annotated[str | None, typer.Argument(help="One of them; all if none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the files of one organisation, or of all, and say what is missing or wrong there."""
    settings = load_settings()
    keys = [key] if key else known_organisations(settings.config)
    if not keys:
        raise ConfigurationError(
            f"{settings.config}: there is no organisation; see `funding organisation new`"
        )
    found = {one: _load(settings, one) for one in keys}
    if as_json:
        print_json([_as_json(settings, one, read) for one, read in found.items()])
    else:
        _tell(found)
    if any(isinstance(one, ConfigurationError) for one in found.values()):
        raise typer.Exit(FAILED)


@organisation.command("new")
def new(
    key: Annotated[str, typer.Argument(help="The name of its folder: a to z, digits and _.")],
    inherits: Annotated[
        str,
        typer.Option(help="Another organisation, whose areas, partners, sources and rules it takes over."),
    ] = "",
    name: Annotated[str, typer.Option(help="Its name; the same in all languages for now.")] = "",
    country: Annotated[str, typer.Option(help="ISO 3166-1, such as ES.")] = "",
    nuts: Annotated[list[str] | None, typer.Option(help="A region that it lies in, such as ES511.")] = None,
) -> None:
    """Write the files of a new organisation: what is not given here is left empty, for you to fill in."""
    settings = load_settings()
    refuse_installed(settings.config / key / "organisation.toml")
    written = write_organisation(
        settings.config, NewOrganisation(key, inherits, name, country, tuple(nuts or ()))
    )
    for path in written:
        say(str(path))
    say(
        f"\nWhat to do next:\n"
        f"1. Fill in what is empty; `funding organisation check {key}` names it by file and line.\n"
        f"2. Set FUNDING_ORGANISATION={key}, and enter officers: `funding officers add`.\n"
        f"3. Enter projects: `funding portfolio export FILE`, fill in the spreadsheet, `funding portfolio import FILE`.\n"
        f"4. `funding doctor`, then `funding match` and `funding digest --preview`."
    )


def _load(settings: Settings, key: str) -> Found:
    try:
        return load_organisation(settings.config / key)
    except ConfigurationError as error:
        return error


def _tell(found: dict[str, Found]) -> None:
    for key, one in found.items():
        if isinstance(one, ConfigurationError):
            complain(str(one))
        else:
            counts = f"{len(one.areas)} areas, {len(one.projects)} projects, {len(one.officers)} officers"
            say(f"{key} is in order: {counts}" + (f"; inherits from {one.inherits}" if one.inherits else ""))


def _as_json(settings: Settings, key: str, found: Found) -> dict[str, Any]:
    facts: dict[str, Any] = {"key": key, "in_use": key == settings.organisation}
    if isinstance(found, ConfigurationError):
        return facts | {"state": "fault", "faults": str(found).splitlines()}
    return facts | {
        "state": "ok",
        "name": found.profile.name.model_dump(),
        "inherits": found.inherits,
        "areas": len(found.areas),
        "projects": len(found.projects),
        "officers": len(found.officers),
    }


def _as_cells(settings: Settings, key: str, found: Found) -> tuple[Any, ...]:
    shown = f"{key} (in use)" if key == settings.organisation else key
    if isinstance(found, ConfigurationError):
        return shown, None, None, None, None, f"does not load: funding organisation check {key}"
    counts = len(found.areas), len(found.projects), len(found.officers)
    return shown, found.inherits or None, *counts, found.profile.name.en
