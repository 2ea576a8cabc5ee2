"""Asks for known vulnerabilities of the pinned packages, for `make audit`: `python -m tests.audit constraints.txt`.

A vulnerability fails it. A service that cannot be reached, as on a machine without the internet, is said in a line and
fails nothing. Further arguments are pip-audit's own.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

SECONDS = 30
UNREACHABLE = re.compile(r"ConnectionError|Could not connect|ServiceError|HTTPError|Timeout|JSONDecodeError")
"""How pip-audit's last words tell that nobody, or somebody else, answered it."""
NOT_REACHED = "the service of known vulnerabilities cannot be reached: nothing was looked at"


class Verdict(NamedTuple):
    code: int
    words: str


def audit(arguments: Sequence[str], seconds: float = SECONDS) -> Verdict:
    """What pip-audit finds; `arguments` begin with the file of pinned packages."""
    command = ["--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--desc=off"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *command, "--requirement", *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict(0, f"{NOT_REACHED} within {seconds:g} seconds")
    if done.stdout:
        return judge(json.loads(done.stdout))
    last = (done.stderr.strip().splitlines() or [""])[-1]
    return Verdict(0, NOT_REACHED) if UNREACHABLE.search(done.stderr) else Verdict(1, last)


def judge(report: dict[str, list[dict[str, object]]]) -> Verdict:
    """The verdict on pip-audit's report in JSON."""
    packages = report["dependencies"]
    audited = [package for package in packages if "vulns" in package]
    if found := [line for package in audited for line in _vulnerabilities(package)]:
        return Verdict(1, "\n".join(found))
    if not audited:
        return Verdict(0, NOT_REACHED)
    unknown = len(packages) - len(audited)
    rest = f"; {unknown} more are not known to the service" if unknown else ""
    return Verdict(0, f"no known vulnerability in {len(audited)} packages{rest}")


def _vulnerabilities(package: dict[str, object]) -> list[str]:
    vulnerabilities = package["vulns"]
    assert isinstance(vulnerabilities, list)
    return [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for vulnerability in vulnerabilities
    ]


if __name__ == "__main__":
    verdict = audit(sys.argv[1:])
    (sys.stderr if verdict.code else sys.stdout).write(f"{verdict.words}\n")
    sys.exit(verdict.code)
