"""What the README promises is there."""

import re
from pathlib import Path

from cli import COMMANDS
from config.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_variable_is_a_setting_and_every_setting_stands_there() -> None:
    named = {
        name.removesuffix("_<SOURCE>").lower()
        for name in re.findall(r"FUNDING_([A-Z_]+(?:<SOURCE>)?)", README)
    }
    assert {name.rstrip("_") for name in named} == set(Settings.model_fields)


def test_every_command_exists() -> None:
    named = set(re.findall(r"funding (?!-)([a-z]+)", README.replace("funding\ncalls", "funding calls")))
    assert {"run", "schedule", "crawl"} <= named <= {*COMMANDS, "calls"}


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(
        r"\]\((?!http)([^)]+)\)", README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ):
        assert (ROOT / target).exists(), target


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^    make (\w+)$", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
