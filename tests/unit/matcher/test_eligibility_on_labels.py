"""The rules against labelled calls: nothing worth reading is hidden, and what is hidden is rightly so."""

import csv
import json
from pathlib import Path

import pytest

from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import Record
from matcher.documents import to_document
from matcher.eligibility import Verdict, judge
from matcher.profile import Profile
from store.models import Call
from store.records import CallRecord

SAMPLE_LABELS = Path(__file__).parents[2] / "gold" / "sample_labels.csv"
RELEVANT = 2


def labels(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["reference"]: row for row in csv.DictReader(file)}


def judged(
    rows: list[Record], gold: dict[str, dict[str, str]], profile: Profile
) -> list[tuple[Verdict, str, int]]:
    """Verdict, labelled eligibility and relevance of each labelled call; same identifier and title count once."""
    found: dict[tuple[tuple[str, ...], str], CallRecord] = {}
    for row in rows:
        try:
            record = to_record(row)
        except ValueError:
            continue
        if record.source_key in gold:
            found.setdefault((record.identifiers, next(iter(record.titles.values()))), record)
    results = []
    for number, record in enumerate(found.values(), start=1):
        facts = record.model_dump(mode="json", exclude={"deadlines"})
        verdict = judge(to_document(Call(id=number, **facts)), profile.rules).verdict
        label = gold[record.source_key]
        results.append((verdict, label["eligibility"], int(label["relevance"])))
    return results


def check(results: list[tuple[Verdict, str, int]]) -> None:
    hidden = [(label, relevance) for verdict, label, relevance in results if verdict is Verdict.NOT_OPEN]
    closed = [verdict for verdict, label, _ in results if label == Verdict.NOT_OPEN]
    right = closed.count(Verdict.NOT_OPEN)
    assert [relevance for _, relevance in hidden if relevance >= RELEVANT] == []
    assert right >= 0.97 * len(hidden)
    assert right >= 0.85 * len(closed)


def test_rules_on_the_sample(sample: list[Record], profile: Profile) -> None:
    results = judged(sample, labels(SAMPLE_LABELS), profile)
    assert len(results) > 150
    check(results)


def test_rules_on_all_recorded_calls(shared: Path, profile: Profile) -> None:
    gold = shared / "gold" / "eu_calls.csv"
    if not gold.exists():
        pytest.skip(f"no labels: {gold} is missing")
    lines = (shared / "recordings" / "eu_portal" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = judged([json.loads(line) for line in lines], labels(gold), profile)
    assert len(results) > 900
    check(results)
