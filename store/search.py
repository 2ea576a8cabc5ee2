"""Full-text search over calls: FTS5 on SQLite, a tsvector on PostgreSQL, with the same words on both.

The words are taken out of the texts here and not by the databases, which would part and fold them in two different ways.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from sqlalchemy import Select, TextClause, column, delete, func, select, table, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, Session, SQLModel, col

from store.models import Call
from store.spans import keep_spans

LONGEST_WORD = 100
"""Characters of a word that are kept: a line without spaces is none that anybody looks for."""
MOST_BYTES = 900_000
"""Of the words of one call: a tsvector takes a mebibyte. A topic has a hundredth of it."""
LONGEST_QUERY = 1_000
MOST_PHRASES = 32
SHORTEST_PREFIX = 2
"""Letters from which the beginning of a word is looked for: with one, half of all words begin."""
MOST_RANKED = 5_000
"""Hits that are ranked: of words that nearly every call has, the newest ones."""
NAMES_COUNT = 10.0
"""A word in titles, identifiers or programme counts as so many in the text."""

_APOSTROPHES = frozenset("‘’ʼ′´`＇")
_DOUBLE_L = re.compile(r"(?<=l)[.•∙⋅‧・·](?=l)")
_WORD = re.compile(r"[^\W_]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_PART = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+)')

_fts = table("call_text", column("rowid"), column("names"), column("body"), column("content_hash"))
_tsv = table("call_text", column("call_id"), column("words", TSVECTOR), column("content_hash"))


class CallToIndex(SQLModel, table=True):
    """A call that was there before there was an index, and is not in it yet."""

    __tablename__ = "call_to_index"

    call_id: int = Field(primary_key=True, foreign_key="call.id")


def is_modelled(name: str | None, kind: str, _: object) -> bool:
    """For Alembic's comparison: the index of words has no model, since each engine has one of its own kind."""
    return kind != "table" or not (name or "").startswith("call_text")


def fold(text: str) -> str:
    """Lower case, without accents, apostrophes as spaces, and `l·l` as `ll` however its dot is typed.

    What `matcher.scorers.tfidf.plain` makes equal is equal here.
    """
    lowered = text.lower()
    bare = lowered.translate({ord(one): _bare(one) for one in set(lowered)})
    return _DOUBLE_L.sub("", bare)


@lru_cache(maxsize=4096)
def _bare(character: str) -> str:
    if character in _APOSTROPHES:
        return " "
    apart = unicodedata.normalize("NFKD", character).lower()
    return "".join(
        " " if one in _APOSTROPHES else one
        for one in unicodedata.normalize("NFKD", apart)
        if not unicodedata.combining(one)
    )


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, folded."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


@dataclass(frozen=True)
class Phrase:
    """Words that stand one after the other; `is_prefix`: the last one may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False


def phrases_of(asked: str) -> list[Phrase]:
    """What somebody typed: all of it has to stand in a call. Nothing in it is syntax but quotation marks and a `*` at the
    end of a word; the last word may go on, unless it is quoted.
    """
    parts = list(_PART.finditer(asked[:LONGEST_QUERY].translate(_QUOTES)))
    found = []
    for place, part in enumerate(parts, start=1):
        said = part["bare"] or part["quoted"] or ""
        words = tuple(words_of(said))
        goes_on = part["bare"] is not None and (said.endswith("*") or place == len(parts))
        if words:
            found.append(Phrase(words, goes_on and len(words[-1]) >= SHORTEST_PREFIX))
    return found[:MOST_PHRASES]


def matching(session: Session, asked: str) -> Select[tuple[int]] | None:
    """The ids of the calls in which all of `asked` stands, to go into another statement; None: nothing is asked for."""
    phrases = phrases_of(asked)
    if not phrases:
        return None
    if _is_sqlite(session):
        return select(_fts.c.rowid.label("call_id")).where(_fts_query(phrases))
    return select(_tsv.c.call_id).where(_tsv.c.words.op("@@")(_tsquery(phrases)))


def search(session: Session, asked: str, limit: int) -> list[int]:
    """The calls in which all of `asked` stands, those that it fits best first; the newest where nothing is asked for."""
    phrases = phrases_of(asked)
    if not phrases:
        newest = select(col(Call.id)).order_by(col(Call.id).desc()).limit(limit)
        return [call_id for call_id in session.execute(newest).scalars() if call_id is not None]
    ranked = _ranked_by_fts(phrases) if _is_sqlite(session) else _ranked_by_tsvector(phrases)
    return list(session.execute(ranked.limit(limit)).scalars())


def _ranked_by_fts(phrases: Sequence[Phrase]) -> Select[tuple[int]]:
    hits = select(_fts.c.rowid).where(_fts_query(phrases))
    # A range of rows costs nothing; for a list of them FTS5 would ask the query anew for each.
    before = hits.order_by(_fts.c.rowid.desc()).limit(1).offset(MOST_RANKED).scalar_subquery()
    weighed = text(f"bm25(call_text, {NAMES_COUNT}, 1.0)")  # the smaller, the better
    return hits.where(_fts.c.rowid > func.coalesce(before, 0)).order_by(weighed, _fts.c.rowid.desc())


def _ranked_by_tsvector(phrases: Sequence[Phrase]) -> Select[tuple[int]]:
    hits = select(_tsv.c.call_id, _tsv.c.words).where(_tsv.c.words.op("@@")(_tsquery(phrases)))
    newest = hits.order_by(_tsv.c.call_id.desc()).limit(MOST_RANKED).subquery()
    # Weights of D, C, B and A; divided by the logarithm of the length, as BM25 holds long texts back.
    weighed = text(f"ts_rank('{{{1 / NAMES_COUNT}, 0, 0, 1}}', words, CAST(:asked AS tsquery), 1) DESC")
    return select(newest.c.call_id).order_by(
        weighed.bindparams(asked=_tsquery_text(phrases)), newest.c.call_id.desc()
    )


def index_calls(session: Session, calls: Iterable[Call]) -> None:
    """Bring what lists are found by in step with `calls`, which are flushed: only those whose content changed."""
    stored = {call.id: call for call in calls if call.id is not None}
    known = _hashes(session, list(stored))
    changed = [call for key, call in stored.items() if known.get(key) != call.content_hash]
    if changed:
        keep_spans(session, changed)
        _write(session, changed)


def is_due(session: Session) -> bool:
    """Whether calls wait to be indexed: those that were there before there was an index."""
    return session.execute(select(CallToIndex).limit(1)).first() is not None


def index_due(session: Session, at_most: int = 500) -> bool:
    """Index some of the calls that wait for it; whether any may be left."""
    call_id = col(CallToIndex.call_id)
    due = session.execute(select(call_id).order_by(call_id).limit(at_most)).scalars().all()
    calls = session.execute(select(Call).where(col(Call.id).in_(due))).scalars()
    index_calls(session, calls)
    session.execute(delete(CallToIndex).where(call_id.in_(due)))
    return len(due) == at_most


def _hashes(session: Session, call_ids: Sequence[int]) -> dict[int, str]:
    key = _fts.c.rowid if _is_sqlite(session) else _tsv.c.call_id
    rows = session.execute(select(key, column("content_hash")).where(key.in_(call_ids)))
    return dict(rows.all())


def _write(session: Session, calls: Sequence[Call]) -> None:
    rows = []
    for call in calls:
        names, body = _split(_names(call), _body(call))
        facts = {"call_id": call.id, "content_hash": call.content_hash}
        if _is_sqlite(session):
            rows.append(facts | {"names": " ".join(names), "body": " ".join(body)})
        else:
            rows.append(facts | {"words": _tsvector_text(names, body)})
    session.execute(_SQLITE_WRITE if _is_sqlite(session) else _POSTGRESQL_WRITE, rows)


_SQLITE_WRITE = text(
    "INSERT OR REPLACE INTO call_text (rowid, names, body, content_hash) VALUES (:call_id, :names, :body, :content_hash)"
)
_POSTGRESQL_WRITE = text(
    "INSERT INTO call_text (call_id, words, content_hash) VALUES (:call_id, CAST(:words AS tsvector), :content_hash)"
    " ON CONFLICT (call_id) DO UPDATE SET words = excluded.words, content_hash = excluded.content_hash"
)


def _names(call: Call) -> Iterator[str]:
    yield from call.titles.values()
    yield from (call.call_title, call.call_identifier, call.source_key, call.programme, call.programme_code)
    yield from call.identifiers


def _body(call: Call) -> Iterator[str]:
    yield from (*call.texts.values(), *call.conditions.values(), call.destination)
    yield from (*call.keywords, *call.applicants, *call.types_of_action)


def _split(names: Iterable[str], body: Iterable[str]) -> tuple[list[str], list[str]]:
    """The words of both, those of the names first, as long as there is room."""
    named = _fitting(names, MOST_BYTES)
    return named, _fitting(body, MOST_BYTES - sum(map(_size, named)))


def _fitting(texts: Iterable[str], room: int) -> list[str]:
    words = [word for said in texts for word in words_of(said)]
    sizes = accumulate(map(_size, words))
    return [word for word, size in zip(words, sizes, strict=True) if size <= room]


def _size(word: str) -> int:
    """Bytes, with those of its place."""
    return len(word.encode()) + 4


def _fts_query(phrases: Sequence[Phrase]) -> TextClause:
    said = (f'"{" ".join(one.words)}"{" *" if one.is_prefix else ""}' for one in phrases)
    return text("call_text MATCH :asked").bindparams(asked=" AND ".join(said))


def _tsquery(phrases: Sequence[Phrase]) -> TextClause:
    return text("CAST(:asked AS tsquery)").bindparams(asked=_tsquery_text(phrases))


def _tsquery_text(phrases: Sequence[Phrase]) -> str:
    """Words hold nothing but letters and digits: between quotation marks nothing is left to be escaped."""
    said = (" <-> ".join(map("'{}'".format, one.words)) + (":*" if one.is_prefix else "") for one in phrases)
    return " & ".join(map("({})".format, said))


def _tsvector_text(names: Sequence[str], body: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(names, start=1):
        places.setdefault(word, []).append(f"{place}A")
    # A place is left out so that no phrase begins in a name and ends in the text.
    for place, word in enumerate(body, start=len(names) + 2):
        places.setdefault(word, []).append(f"{place}D")
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
