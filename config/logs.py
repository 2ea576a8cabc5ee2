"""Logs of what runs unattended: for people on a terminal, for programs one JSON object a line otherwise.

They hold no personal data: officers are named by their ids, and whatever looks like an address of mail is blotted out.
"""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]]+@[^\s@<>\"(),:;\[\]]+")
BLOTTED = "<address>"
QUIET = ("alembic", "apscheduler", "procrastinate", "httpx", "uvicorn.access")
"""Libraries that tell of each thing they do: heard from when something is wrong."""


def without_addresses(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blot out addresses of mail, wherever in the event they stand."""
    return {key: _blotted(value) for key, value in event.items()}


def _blotted(value: object) -> object:
    if isinstance(value, str):
        return ADDRESS.sub(BLOTTED, value)
    return value if isinstance(value, int | float | bool | None) else ADDRESS.sub(BLOTTED, str(value))


_SHARED: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger of events with values (`log.info("job done", job=…)`). What a command does not write out is not seen."""
    events: list[Processor] = [
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]
    wrapped: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name), processors=events, wrapper_class=structlog.stdlib.BoundLogger
    )
    return wrapped


def configure_logs(stream: TextIO = sys.stderr) -> None:
    """Write the logs of this process to `stream`, from INFO on."""
    rendered: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_addresses,
        structlog.dev.ConsoleRenderer()
        if stream.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=rendered))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
