"""The EU portal's crawl beside a bare Scrapy spider that fetches the same pages and keeps nothing.

    python tests/benchmarks/crawl.py RECORDS.jsonl

Both read the same replica on this machine, one after the other, each in a process of its own; what is compared is wall
time and peak memory of those processes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crawler.replicas.eu_portal import create_app
from crawler.replicas.sample import load_records
from crawler.replicas.serving import Replica

BARE = '''
import scrapy, sys
from crawler.spiders.eu_portal import EuPortal

class Bare(EuPortal):
    """The same requests; rows are counted and thrown away."""
    name = "eu_portal"
    custom_settings = {"ITEM_PIPELINES": {}}

    def record_or_rejection(self, row, key):
        return {}

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
process = AsyncCrawlerProcess(get_project_settings())
process.crawl(Bare)
process.start()
'''


def measure(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of wall time and MB of peak memory of one process."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main(records: Path) -> None:
    with tempfile.TemporaryDirectory() as home, Replica(create_app(load_records(records))) as replica:
        environment = os.environ | {
            "FUNDING_HOME": home,
            "FUNDING_ADDRESS_EU_PORTAL": replica.address,
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        }
        crawl = [sys.executable, "-m", "scrapy", "crawl", "eu_portal", "-a", "today=2026-08-22"]
        runs = {
            "bare spider": measure([sys.executable, "-c", BARE], environment),
            "first crawl": measure(crawl, environment),
            "second crawl": measure(crawl, environment),
        }
    seconds, memory = runs["bare spider"]
    print(f"{'':14}{'seconds':>9}{'ratio':>7}{'MB':>7}{'ratio':>7}")
    for name, (wall, peak) in runs.items():
        print(f"{name:14}{wall:9.2f}{wall / seconds:7.2f}{peak:7.0f}{peak / memory:7.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
