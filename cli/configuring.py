"""An organisation's TOML files, read and replaced by commands."""

import errno
from pathlib import Path

from config.errors import ConfigurationError
from config.settings import Settings
from notifier.files import write_whole


def configuration_file(settings: Settings, name: str) -> Path:
    return settings.config / settings.organisation / name


def read_configuration(path: Path) -> str:
    """The text with the ends of its lines as they are."""
    return path.read_bytes().decode("utf-8")


def replace_configuration(path: Path, text: str) -> None:
    """Write the file whole, with the rights that it has; a link stays one. Raises ConfigurationError, OSError."""
    refuse_installed(path)
    target = path.resolve()
    try:
        rights = target.stat().st_mode
        write_whole(target, text.encode("utf-8"))
        target.chmod(rights)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise _not_here(path) from error
        raise


def refuse_installed(path: Path) -> None:
    """Raises ConfigurationError for a file that the next version of the program replaces."""
    if "site-packages" in path.resolve().parts:
        raise _not_here(path)


def _not_here(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: cannot be written; copy the folder {path.parents[1]} to a place of your own "
        "and set FUNDING_CONFIG to it"
    )
