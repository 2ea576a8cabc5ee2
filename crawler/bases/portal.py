"""What every source shares: where it is met, what its run has seen, and how faults are noted."""

import json
from datetime import date
from typing import Any

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from config.clock import clock
from config.settings import load_settings
from crawler.details import Details
from crawler.outcomes import Fault, Reading, explain

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class PortalSpider(scrapy.Spider):
    """A spider of one source. A subclass gives `name`, `home` (the portal's own address) and the requests."""

    home: str
    reading: Reading

    def __init__(self, *args: Any, run: str | None = None, today: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.run_id = int(run) if run else None
        self.today = date.fromisoformat(today) if today else None
        self.reading = Reading()
        self.details = Details(clock(self.today))
        self.address = load_settings().address_of(self.name, self.home)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        installation = load_settings()
        source = installation.load_organisation().source(cls.name)
        if installation.address_of(cls.name, cls.home).startswith(LOOPBACK):
            # A replica on this machine has nobody to be polite to.
            settings.set("DOWNLOAD_DELAY", 0, priority="spider")
            settings.set("AUTOTHROTTLE_ENABLED", False, priority="spider")
        elif source is not None:
            settings.set("DOWNLOAD_DELAY", source.delay, priority="spider")
            settings.set("AUTOTHROTTLE_START_DELAY", source.delay, priority="spider")

    def failed(self, failure: Failure) -> None:
        """Note why a request brought nothing."""
        assert failure.value is not None
        self.reading.note(*explain(failure.value))

    def give_up(self, fault: Fault, detail: str) -> CloseSpider:
        """What to raise when reading on would store what the portal did not mean: the run has failed."""
        self.reading.note(fault, detail)
        self.reading.fatal = True
        return CloseSpider(fault)

    def json_of(self, response: Response) -> dict[str, Any] | None:
        """The JSON object that was answered; None, and a fault noted, when it is something else."""
        try:
            data = self.parsed_json(response)
        except ValueError as error:
            self.reading.note(Fault.UNREADABLE, f"an answer was not what was expected: {error}")
            return None
        if not isinstance(data, dict):
            self.reading.note(Fault.UNREADABLE, "an answer was JSON, but no object")
            return None
        return data

    @staticmethod
    def parsed_json(response: Response) -> Any:
        """Raises ValueError, which says what came instead, for an answer that is no JSON."""
        try:
            return json.loads(response.body)
        except (ValueError, RecursionError):
            kind = (response.headers.get(b"Content-Type") or b"no type").decode("latin-1").split(";")[0]
            raise ValueError(f"{len(response.body)} bytes of {kind} that are no JSON") from None
