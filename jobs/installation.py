"""What every job works with: the settings, the database, and the organisations as their files are now."""

import threading
from dataclasses import dataclass, field

from config.errors import ConfigurationError
from config.organisation import Organisation, load_organisation
from config.settings import Settings
from store.database import Database


@dataclass(frozen=True)
class Installation:
    """One database and the organisations that work with it. `stopping` is set once the process is told to end."""

    settings: Settings
    database: Database
    stopping: threading.Event = field(default_factory=threading.Event)

    def organisations(self) -> list[Organisation]:
        """Those of FUNDING_ORGANISATIONS; without it, that of FUNDING_ORGANISATION. Raises ConfigurationError."""
        return self.settings.load_organisations()

    def first(self) -> Organisation:
        """The one whose sources are read, and by whose clock what all have in common is done. Raises ConfigurationError."""
        return self.organisation(self.settings.organisation_keys[0])

    def organisation(self, key: str) -> Organisation:
        """Raises ConfigurationError for one that is not among them (any more)."""
        if key not in self.settings.organisation_keys:
            raise ConfigurationError(f"{key}: not among FUNDING_ORGANISATIONS")
        return load_organisation(self.settings.config / key)
