"""The threat model claims nothing that no test proves."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_defence_has_its_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 40
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_every_file_is_there() -> None:
    named = re.findall(r"`((?:crawler|config)/[\w/]+\.py)`", TEXT) + [
        f"docs/{page}" for page in re.findall(r"\]\((\w+\.md)\)", TEXT)
    ]
    assert len(named) >= 5
    assert [path for path in named if not (ROOT / path).is_file()] == []
