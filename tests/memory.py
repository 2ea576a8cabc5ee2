"""What a process holds at most."""

import re
from pathlib import Path


def peak(process: int | str = "self") -> float:
    """Megabytes that the process held at most until now. Linux counts them from where it began its program."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024
