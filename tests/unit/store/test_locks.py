import subprocess
import sys
from pathlib import Path

import pytest

from store.locks import BusyError, exclusive

HOLD = """
import sys
from pathlib import Path
from store.locks import exclusive
with exclusive(Path(sys.argv[1]), "work"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match="work: another process"), exclusive(tmp_path, "work"):
        pass
    with exclusive(tmp_path, "other work"):
        pass
    holder.kill()
    holder.communicate()
    with exclusive(tmp_path, "work"):
        assert holder.returncode != 0
