"""Work that one process does at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from store.locks import BusyError, exclusive

HOLDER = """
import os, sys
from pathlib import Path
from store.locks import exclusive

with exclusive(Path(sys.argv[1]), "crawl-test"):
    print("held", flush=True)
    sys.stdin.readline()
    os._exit(9)
"""


def is_free(home: Path, work: str) -> bool:
    try:
        with exclusive(home, work):
            return True
    except BusyError:
        return False


def test_lock_is_held_against_others_and_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with exclusive(tmp_path, "crawl-test"):
            assert not is_free(tmp_path, "crawl-test")
            assert is_free(tmp_path, "crawl-other")
        assert is_free(tmp_path, "crawl-test")


def test_who_comes_second_is_told_what_is_busy(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path, "crawl-test"),
        pytest.raises(BusyError, match="crawl-test: another process is at it"),
        exclusive(tmp_path, "crawl-test"),
    ):
        pass


def test_lock_is_let_go_by_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyError), exclusive(tmp_path, "crawl-test"):
        raise KeyError
    with exclusive(tmp_path, "crawl-test"):
        pass


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError), exclusive(tmp_path, "crawl-test"):
            pass
        holder.communicate("\n", timeout=30)
    assert holder.returncode == 9
    with exclusive(tmp_path, "crawl-test"):
        pass
