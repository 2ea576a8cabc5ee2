"""What tells a reading that is sound from one that looks sound and is not."""

from datetime import timedelta
from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.health import ENOUGH_ROWS, ENOUGH_RUNS, SourceHealth, lost_fields, source_health, usual_rows
from notifier.health_words import health_sentence
from notifier.words import words_in
from store.database import Database
from store.models import CrawlRun
from store.runs import begin_run, end_run
from tests.unit.notifier.builders import NOW, organisation

USUAL = {"deadlines": 90, "texts": 100, "budget_cents": 10}


def run(seen: int = 100, records: int = 100, outcome: str = "ok", **coverage: int) -> CrawlRun:
    return CrawlRun(
        source="test_portal",
        started_at=NOW,
        ended_at=NOW,
        outcome=outcome,
        seen=seen,
        records=records,
        coverage=coverage or USUAL,
    )


@pytest.mark.parametrize(
    ("rows", "usual"),
    [
        ([], None),
        ([100] * (ENOUGH_RUNS - 1), None),
        ([100] * ENOUGH_RUNS, 100),
        ([10, 100, 1_000], 100),
        ([ENOUGH_ROWS - 1] * 8, None),
    ],
)
def test_usual_is_a_median_of_enough_readings(rows: list[int], usual: int | None) -> None:
    assert usual_rows([run(seen) for seen in rows]) == usual


def test_readings_in_part_do_not_lower_what_is_usual() -> None:
    assert usual_rows([run(100)] * 3 + [run(5, outcome="partial")] * 5) == 100


def test_a_field_that_goes_missing_is_lost() -> None:
    earlier = [run()] * ENOUGH_RUNS
    assert lost_fields(run(texts=100, deadlines=5), earlier) == ("deadlines",)
    assert lost_fields(run(texts=0, deadlines=6), earlier) == ("texts",)


@pytest.mark.parametrize(
    ("now", "earlier"),
    [
        (run(), [run()] * 3),
        (run(texts=100), [run()] * (ENOUGH_RUNS - 1)),
        (run(records=ENOUGH_ROWS - 1, texts=9), [run()] * 3),  # few were read anew: chance
        (run(records=0), [run()] * 3),  # nothing had changed
        (run(texts=100), [run(texts=100, deadlines=49)] * 3),  # it was never stated by most
    ],
)
def test_nothing_is_lost_by_chance(now: CrawlRun, earlier: list[CrawlRun]) -> None:
    assert lost_fields(now, earlier) == ()


@pytest.mark.parametrize(("seen", "sound"), [(100, True), (50, True), (49, False), (0, False)])
def test_less_than_half_of_the_usual_is_not_sound(database: Database, seen: int, sound: bool) -> None:
    with database.writing() as session:
        for number, rows in enumerate([100, 100, 100, seen]):
            done = begin_run(session, "test_portal", NOW + timedelta(days=number))
            done.seen = rows
            end_run(session, done, "ok", "", "", NOW)
    with database.reading() as session:
        (health,) = source_health(session, organisation())
    assert (health.usual, health.thin, health.sound) == (100, not sound, sound)


SENTENCES: dict[Language, str] = {
    "ca": "Test portal: llegit avui, 40 convocatòries; normalment n’hi ha unes 1.091; "
    "el portal ja no indica: els terminis; les descripcions.",
    "es": "Test portal: leído hoy, 40 convocatorias; normalmente hay unas 1.091; "
    "el portal ya no indica: los plazos; las descripciones.",
    "en": "Test portal: read today, 40 calls; usually there are about 1,091; "
    "the portal no longer states: deadlines; descriptions.",
    "fr": "Test portal : lu aujourd’hui, 40 appels ; il y en a d’ordinaire environ 1\u202f091 ; "
    "le portail n’indique plus : les dates limites ; les descriptifs.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_doubts_are_said_in_every_language(language: Language) -> None:
    source = organisation().sources[0]
    health = SourceHealth(source, "ok", run(40), NOW, usual=1_091, lost=("deadlines", "texts"))
    assert health_sentence(words_in(language), health, NOW).replace("\xa0", " ") == SENTENCES[language]


@pytest.mark.parametrize("fields", [{"lost": ("deadlines",)}, {"usual": 1_000}])
def test_doubts_make_a_reading_unsound(fields: dict[str, Any]) -> None:
    assert not SourceHealth(organisation().sources[0], "ok", run(), NOW, **fields).sound
