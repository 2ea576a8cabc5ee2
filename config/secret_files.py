"""Secrets out of the environment: a folder of files, each called as its variable, as systemd and containers hand over."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from config.errors import ConfigurationError

SECRETS = ("FUNDING_SECRET", "FUNDING_SMTP_URL", "FUNDING_DATABASE_URL")
"""The settings that are secrets, or hold a password."""
FOLDERS = ("FUNDING_SECRETS", "CREDENTIALS_DIRECTORY")
"""What may name the folder; the second is set by systemd for `LoadCredential=`."""


def secrets_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of secrets, None where there is none. Raises ConfigurationError for one that is not there."""
    for variable in FOLDERS:
        if given := environment.get(variable):
            folder = Path(given)
            if not folder.is_dir():
                raise ConfigurationError(f"{variable}: {folder} is no folder")
            return folder
    return None


def secrets_read_by_others(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """The files of secrets that every user of this machine can read. Raises ConfigurationError as `secrets_folder`."""
    folder = secrets_folder(environment)
    if folder is None or not folder.stat().st_mode & stat.S_IXOTH:
        return []
    return [
        file
        for file in sorted(folder.iterdir())
        if file.name.upper() in SECRETS and file.stat().st_mode & stat.S_IROTH
    ]


def without_secrets(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """`environment` for a process that reads what strangers wrote, and needs no secret to do it."""
    return {name: value for name, value in environment.items() if name not in (*SECRETS, *FOLDERS)}
