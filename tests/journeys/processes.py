"""Commands as processes that can be killed, and what they leave behind."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from typing import Any

from cli import main

LONGEST = 120.0
"""Seconds after which what is waited for is not going to happen any more."""
LOOK_EVERY = 0.05
SHORTENED: Mapping[tuple[str, str], Any] = {
    ("scheduler", "CATCH_UP"): timedelta(seconds=2),
    ("jobs.queue", "SILENT"): 3.0,
    ("jobs.queue", "SIGN_OF_LIFE"): 0.5,
    ("jobs.queue", "EVERY_MINUTE"): "* * * * * */2",
    ("store.jobs", "FIRST_PAUSE"): timedelta(seconds=1),
}
"""Pauses of the program that would make a hundred kills take hours; what happens after them is the same."""


def start(arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> BaseProcess:
    """`funding …` as a process of its own, forked from one that has imported what it needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.journeys.killing_warm"])
    process = context.Process(target=_run, args=(arguments, dict(environment), log))
    process.start()
    return process


def _run(arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    # The files of this process only: the server that forked it has no use for the terminal of a test.
    sys.stdout, sys.stderr = (os.fdopen(descriptor, "w", buffering=1) for descriptor in (1, 2))
    for (module, name), value in SHORTENED.items():
        setattr(import_module(module), name, value)
    sys.argv = ["funding", *arguments]
    main()


def children(process: int) -> list[int]:
    """The processes that `process` has begun, in whichever of its threads."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def kill(process: int) -> bool:
    """`kill -9`; False where there is nothing to kill any more."""
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
        return True
    return False


def begun_for(home: Path) -> list[int]:
    """Crawls that were begun for `home` and are still there, whatever became of who began them."""
    sign, found = f"FUNDING_HOME={home}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if sign in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def wait_until(is_so: Callable[[], bool], what: str, longest: float = LONGEST) -> None:
    """Raises TimeoutError, which says `what` was waited for."""
    ends = time.monotonic() + longest
    while not is_so():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        Event().wait(LOOK_EVERY)
