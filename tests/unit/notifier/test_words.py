"""Dates, amounts, changes and reasons as people read them."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.changes import change_sentences, grant_size
from notifier.health import SourceHealth
from notifier.health_words import health_sentence
from notifier.history import Change
from notifier.reasons import eligibility, evidence, explanation
from notifier.selection import Item
from notifier.words import words_in
from store.models import Call, CrawlRun, Deadline, Match
from store.states import State
from tests.unit.notifier.builders import NOW, organisation

TODAY = date(2026, 3, 1)
NBSP = "\u00a0"


def change(field: str, before: Any, after: Any, language: Language = "ca", **facts: Any) -> tuple[str, ...]:
    call = Call(**({"currency": "EUR", "grant_min_cents": None, "grant_max_cents": None} | facts))
    item = Item(call, a_match(), State.OPEN, None, None, changes=(Change(field, before, after),))
    return change_sentences(words_in(language), item, TODAY)


def moved(before: str, after: str, language: Language = "ca") -> str:
    (sentence,) = change("deadlines", [{"day": before}], [{"day": after}], language)
    return sentence


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ca", "termini ampliat del 4 al 18 de març"),
        ("es", "plazo ampliado del 4 al 18 de marzo"),
        ("en", "deadline extended from 4 to 18 March"),
        ("fr", "échéance reportée du 4 au 18 mars"),
    ],
)
def test_an_extended_deadline(language: Language, sentence: str) -> None:
    assert moved("2026-03-04", "2026-03-18", language) == sentence


@pytest.mark.parametrize(
    ("before", "after", "language", "sentence"),
    [
        ("2026-03-18", "2026-03-11", "ca", "termini avançat del 18 a l’11 de març"),
        ("2026-03-01", "2026-04-11", "ca", "termini ampliat de l’1 de març a l’11 d’abril"),
        ("2026-03-01", "2026-03-15", "fr", "échéance reportée du 1er au 15 mars"),
        ("2026-03-20", "2026-04-01", "fr", "échéance reportée du 20 mars au 1er avril"),
        ("2027-09-23", "2027-10-07", "ca", "termini ampliat del 23 de setembre al 7 d’octubre del 2027"),
        (
            "2026-12-20",
            "2027-01-10",
            "es",
            "plazo ampliado del 20 de diciembre de 2026 al 10 de enero de 2027",
        ),
    ],
)
def test_dates_are_elided_and_told_once(before: str, after: str, language: Language, sentence: str) -> None:
    assert moved(before, after, language) == sentence


@pytest.mark.parametrize(
    ("field", "before", "after", "sentence"),
    [
        ("status", "forthcoming", "open", "ara oberta"),
        ("status", "closed", "open", "reoberta"),
        ("budget_cents", 12_000_000_00, 15_000_000_00, f"pressupost de 12 a 15{NBSP}M€"),
        ("budget_cents", 11_000_000_00, 15_000_000_00, f"pressupost d’11 a 15{NBSP}M€"),
        ("budget_cents", 600_000_00, 1_500_000_00, f"pressupost de 600.000{NBSP}€ a 1,5{NBSP}M€"),
        ("budget_cents", None, 24_000_000_00, f"pressupost publicat: 24{NBSP}M€"),
        ("budget_cents", 24_000_000_00, None, "ja no consta el pressupost"),
        ("titles", {"en": "A"}, {"en": "B"}, "títol corregit"),
        ("opening", "2026-05-04", "2026-05-05", "obertura ajornada del 4 al 5 de maig"),
        ("opening", None, "2026-05-05", "obertura fixada: el 5 de maig"),
        ("expected_grants", 2, 1, "ara es preveu 1 ajut"),
        ("deadlines", [], [{"day": "2026-05-11"}], "termini fixat: l’11 de maig"),
        ("deadlines", [{"day": "2026-05-04"}], [], "ja no hi ha el termini del 4 de maig"),
    ],
)
def test_changes_in_catalan(field: str, before: Any, after: Any, sentence: str) -> None:
    assert change(field, before, after) == (sentence,)


def test_a_stage_that_moved_is_named() -> None:
    before = [{"day": "2026-03-04", "stage": 1}, {"day": "2026-09-04", "stage": 2}]
    after = [before[0], {"day": "2026-09-18", "stage": 2}]
    assert change("deadlines", before, after) == ("fase 2: termini ampliat del 4 al 18 de setembre",)


def test_a_cut_off_that_dropped_out_did_not_move_the_others() -> None:
    before = [{"day": "2026-05-04"}, {"day": "2026-09-04"}]
    assert change("deadlines", before, before[1:]) == ("ja no hi ha el termini del 4 de maig",)


@pytest.mark.parametrize(
    ("language", "large", "small"),
    [
        ("ca", f"24{NBSP}M€", f"600.000{NBSP}€"),
        ("es", f"24{NBSP}M€", f"600.000{NBSP}€"),
        ("en", "€24M", "€600,000"),
        ("fr", f"24{NBSP}M€", f"600\u202f000{NBSP}€"),
    ],
)
def test_money(language: Language, large: str, small: str) -> None:
    words = words_in(language)
    assert (words.money(24_000_000_00), words.money(600_000_00)) == (large, small)


def test_money_keeps_its_currency_and_rounds_to_ten_thousand() -> None:
    assert words_in("en").money(2_345_678_00, "USD") == "USD 2.35 million"
    assert words_in("ca").money(900_00, "USD") == f"900{NBSP}USD"


def test_grant_size() -> None:
    def size(low: int | None, high: int | None) -> str:
        facts: dict[str, Any] = {"currency": "EUR", "grant_min_cents": low, "grant_max_cents": high}
        return grant_size(words_in("ca"), Call(**facts))

    million = 1_000_000_00
    assert size(2 * million, 3 * million) == f"de 2 a 3{NBSP}M€"
    assert size(2 * million, 2 * million) == f"2{NBSP}M€"
    assert size(None, 3 * million) == f"fins a 3{NBSP}M€"
    assert size(None, None) == ""


def test_a_deadline_names_the_clock_it_goes_by() -> None:
    words = words_in("ca")
    brussels = Deadline(
        position=0, stage=None, day=date(2026, 3, 1), at=time(17), zone="Europe/Brussels", prose=""
    )
    assert words.deadline(brussels) == "1 de març del 2026, 17:00 (Brussel·les)"
    prose = Deadline(position=0, stage=None, day=None, at=None, zone="Europe/Brussels", prose="end of spring")
    assert words.deadline(prose) == "end of spring"


def test_days_left() -> None:
    words = words_in("ca")
    assert [words.days_left(n) for n in (0, 1, 12)] == ["tanca avui", "tanca demà", "queden 12 dies"]


@pytest.mark.parametrize(("percentile", "said"), [(100.0, "1"), (97.2, "3"), (89.5, "11"), (0.0, "100")])
def test_a_standing_is_a_whole_share(percentile: float, said: str) -> None:
    assert words_in("en").standing(percentile) == f"in the top {said}%"


def test_a_standing_is_elided_in_catalan() -> None:
    assert words_in("ca").standing(89.5).startswith("entre l’11")
    assert words_in("ca").standing(97.2).startswith("entre el 3")


def test_lists_follow_the_ear() -> None:
    assert words_in("es").listed(["Agua", "Igualdad"]) == "Agua e Igualdad"
    assert words_in("es").listed(["Agua", "Hielo"]) == "Agua y Hielo"


def a_match(**fields: Any) -> Match:
    known: dict[str, Any] = {
        "call_id": 1,
        "areas": [{"id": "mobility", "score": 1, "terms": ["urban logistics", "cycling"]}],
        "projects": [{"id": "test_project", "score": 1, "terms": []}],
        "roles": [{"id": "partner", "terms": ["local authorities"]}],
        "verdict": "not_open",
        "rule": "smes",
        "evidence": [{"field": "conditions", "words": "only SMEs"}],
    }
    return Match(**(known | fields))


def test_an_explanation_quotes_the_call() -> None:
    said = explanation(words_in("ca"), organisation(), a_match())
    assert said == (
        "Encaixa amb Mobility ca («urban logistics», «cycling»). "
        "Enllaça amb TESTPROJECT; paper suggerit: partner ca («local authorities»)."
    )
    assert explanation(words_in("ca"), organisation(), a_match(areas=[], projects=[], roles=[])) == ""


def test_keys_that_the_configuration_lost_are_shown_as_they_are() -> None:
    lost = a_match(areas=[{"id": "gone", "score": 1, "terms": []}], projects=[{"id": "old"}], roles=[])
    assert explanation(words_in("en"), organisation(), lost) == "Fits gone. Ties in with old."


def test_a_verdict_names_its_rule_and_the_words() -> None:
    words, match = words_in("fr"), a_match()
    assert eligibility(words, organisation(), match) == "Only for SMEs fr"
    assert evidence(words, match) == (f"Les conditions indiquent «{NBSP}only SMEs{NBSP}».",)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", ["open", "unlikely", "not_open", "unknown"])
def test_a_verdict_without_a_rule_is_explained_too(language: Language, verdict: str) -> None:
    assert eligibility(words_in(language), organisation(), a_match(verdict=verdict, rule="")).endswith(".")


def health(outcome: str, error: str = "", **fields: Any) -> str:
    run = CrawlRun(source="test_portal", started_at=NOW, ended_at=NOW, outcome=outcome, error=error, **fields)
    read_at = datetime(2026, 2, 11, 6, tzinfo=UTC)
    source = organisation().sources[0]
    return health_sentence(words_in("ca"), SourceHealth(source, outcome, run, read_at), NOW)


def test_the_health_of_a_source() -> None:
    assert health("ok", seen=1091) == "Test portal: llegit avui, 1.091 convocatòries."
    assert health("partial", "incomplete", seen=5, declared=9, quarantined=1) == (
        "Test portal: llegit en part avui, 5 de 9 convocatòries (el portal ha enviat menys convocatòries de les que "
        "anuncia), 1 apartada perquè les dades no quadren."
    )
    assert health("failed", "blocked") == (
        "Test portal: no s’ha pogut llegir avui (el portal no ens hi deixa entrar); "
        "les dades que es mostren es van llegir l’11 de febrer."
    )
    assert "sense cap convocatòria" in health("empty")


def test_a_source_that_was_never_read() -> None:
    source = organisation().sources[0]
    assert health_sentence(words_in("ca"), SourceHealth(source, "never"), NOW) == (
        "Test portal: encara no s’ha llegit."
    )
