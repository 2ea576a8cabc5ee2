"""The summary as a document: complete, escaped, self-contained, whole or not there."""

from datetime import date
from pathlib import Path

import pytest
from lxml import html  # type: ignore[import-untyped]

from config.organisation import LANGUAGES, Language
from notifier.files import write_whole
from notifier.summary import write_summary
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import NOW, deadline, matched, organisation, record


def written(
    database: Database, folder: Path, language: Language = "ca", moved_days: int = 0
) -> tuple[str, int]:
    path = folder / "summary.html"
    with database.reading() as session:
        count = write_summary(session, organisation(), NOW, path, language, moved_days)
    return path.read_text(encoding="utf-8"), count


def said(page: str, selector: str = "main") -> str:
    return " ".join(
        " ".join(part.text_content() for part in html.fromstring(page).cssselect(selector)).split()
    )


@pytest.fixture
def calls(database: Database) -> Database:
    stages = (deadline("2026-03-20", 1), deadline("2026-09-20", 2))
    two_stages = record(
        "TEST-1",
        titles={"en": "English title", "ca": "Títol català"},
        deadlines=stages,
        deadline_model="two-stage",
        expected_grants=3,
        grant_min_cents=2_000_000_00,
        grant_max_cents=4_000_000_00,
        notices=("the budget is shared",),
    )
    matched(
        database,
        two_stages,
        verdict="unlikely",
        evidence=[{"field": "conditions", "words": "decisive words"}],
        projects=[{"id": "test_project", "score": 1, "terms": []}],
        roles=[{"id": "partner", "terms": []}],
    )
    matched(database, record("TEST-2", status="forthcoming", opening=date(2026, 4, 1)), percentile=50.0)
    matched(database, record("TEST-PAST", "2026-02-01"))
    matched(
        database,
        record("TEST-SMES"),
        verdict="not_open",
        rule="smes",
        evidence=[{"field": "conditions", "words": "SMEs alone"}],
    )
    return database


def test_a_card_says_all_that_an_officer_asks(calls: Database, tmp_path: Path) -> None:
    page, count = written(calls, tmp_path)
    assert count == 3
    card = said(page, "#calls > li:first-child")
    for words in (
        "1 entre el 3",
        "Títol català",
        "English title",
        "TEST-1",
        "queden 18 dies",
        "12 M€",
        "Difícilment hi podem optar",
        "Oberta",
        "15 de gener del 2026",
        "fase 1: 20 de març del 2026, 17:00 (Brussel·les)",
        "fase 2: 20 de setembre del 2026, 17:00 (Brussel·les)",
        "Test programme",
        "Test action",
        "3 ajuts previstos, de 2 a 4 M€ cadascun",
        "Mobility ca (urban logistics)",
        "TESTPROJECT",
        "partner ca",
        "Cities have cleaner air.",
        "«decisive words»",
        "the budget is shared",
    ):
        assert words in card, words


def test_what_is_hidden_is_counted_and_explained(calls: Database, tmp_path: Path) -> None:
    page, _ = written(calls, tmp_path)
    hidden = said(page, "details.excluded")
    assert "Amagades per una regla d’elegibilitat: 1" in hidden
    assert "Only for SMEs ca" in hidden
    assert "SMEs alone" in hidden
    assert "No s’hi inclou 1 convocatòria tancada." in said(page)


def test_a_score_is_never_shown(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"), score=0.123456)
    assert "0.123" not in written(database, tmp_path)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language(calls: Database, tmp_path: Path, language: Language) -> None:
    page, _ = written(calls, tmp_path, language)
    assert f'<html lang="{language}">' in page
    assert html.fromstring(page).cssselect("#calls h3 a")[1].get("lang") == "en"


def test_an_empty_summary_says_so(database: Database, tmp_path: Path) -> None:
    page, count = written(database, tmp_path, moved_days=91)
    assert count == 0
    assert "0 convocatòries" in said(page)
    assert "encara no s’ha llegit" in page
    assert words_in("ca").moved(91) in page


@pytest.mark.parametrize(
    "title",
    [
        "TEST <script>alert(\"1\")</script> 'quoted' & 🚲",
        "TEST \u202etxet \u05e9\u05dc\u05d5\u05dd",
        "TEST </script>",
    ],
)
def test_scraped_text_is_text(database: Database, tmp_path: Path, title: str) -> None:
    page = record(
        "TEST-1", titles={"en": title}, texts={"en": title}, programme=title, page='https://example.org/"x'
    )
    matched(database, page, evidence=[{"field": "title", "words": title}])
    document = html.fromstring(written(database, tmp_path)[0])
    assert len(document.cssselect("script")) == 1
    assert document.cssselect("#calls h3 a")[0].text == title
    assert document.cssselect("#calls > li")[0].get("data-programme") == title
    assert not [name for element in document.iter() for name in element.attrib if name.startswith("on")]


def test_nothing_is_loaded_from_anywhere(calls: Database, tmp_path: Path) -> None:
    page, _ = written(calls, tmp_path)
    document = html.fromstring(page)
    assert document.cssselect("link, img, iframe, script[src]") == []
    assert "default-src 'none'" in page


def test_a_summary_stays_small(database: Database, tmp_path: Path) -> None:
    text = "Cities have cleaner air and quieter streets. " * 40
    matched(database, *(record(f"TEST-{n:04}", texts={"en": text}) for n in range(1_100)))
    page, count = written(database, tmp_path)
    assert count == 1_100
    assert len(page.encode()) < 4_000_000


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary.html"
    write_whole(path, b"old")

    def interrupted(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(SystemExit):
        write_whole(path, b"new")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("summary.html", b"old")]


def test_what_the_ranking_went_by_is_told(calls: Database, tmp_path: Path) -> None:
    page, _ = written(calls, tmp_path)
    assert "Aquesta classificació es basa només en les paraules" in said(page, "header")
