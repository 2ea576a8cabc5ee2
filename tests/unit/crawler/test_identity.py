"""Which calls are one: by code, by topic, by title and deadline, and what keeps them apart."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.identity import NAMESAKES, identify
from store.models import Call, Deadline
from store.records import CallRecord, DeadlineRecord
from store.same_calls import Same

ORDER = ("eu_portal", "bdns", "raisc", "cido", "site", "other_site")
SEEN = datetime(2026, 3, 2, tzinfo=UTC)
TITLE = "Cleaner air for the cities of the coast"
TOPIC = "TEST-2026-CITY-01"
PORTAL = "https://example.org/portal/topic-details/"


def call(call_id: int, source: str, *days: str, title: str = TITLE, **stated: Any) -> Call:
    """A call with a deadline on each of `days`; what is not given says nothing."""
    known: dict[str, Any] = {
        "source": source,
        "source_key": str(call_id),
        "kind": "call",
        "titles": {"en": title},
        "status": "open",
        "deadlines": tuple(DeadlineRecord(day=date.fromisoformat(day)) for day in days),
        "no_deadline": "" if days else "not stated",
        "page": f"https://example.org/{source}/{call_id}",
    }
    record = CallRecord.model_validate(known | stated)
    facts = record.facts() | {"opening": record.opening, "published": record.published}
    facts["deadlines"] = [Deadline(position=n, **one.model_dump()) for n, one in enumerate(record.deadlines)]
    return Call(**facts, id=call_id, first_seen_at=SEEN, content_hash="", material_hash="")


def topic(call_id: int, *days: str, name: str = TOPIC, **stated: Any) -> Call:
    return call(call_id, "eu_portal", *days, title=f"Topic {name}", identifiers=(name,), **stated)


def groups(*calls: Call) -> dict[int, tuple[int, str]]:
    """By copy: its face and the reason."""
    return {same.call_id: (same.face_id, same.reason) for same in identify(calls, ORDER)}


def link(address: str) -> tuple[dict[str, Any], ...]:
    return ({"title": "Where to apply", "address": address},)


# Codes


def test_the_number_of_a_register_makes_calls_one() -> None:
    bdns = call(1, "bdns", "2026-05-01", title="Ayudas", identifiers=("BDNS-TEST-5",))
    raisc = call(2, "raisc", "2026-05-01", title="Ajuts", identifiers=("RAISC-TEST-9", "BDNS-TEST-5"))
    assert identify([bdns, raisc], ORDER) == [Same(2, 1, "code", "BDNS-TEST-5")]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/811428",
        "https://www.infosubvenciones.es/bdnstrans/GE/ca/convocatoria/811428",
        "https://www.infosubvenciones.es/bdnstrans/api/convocatorias?vpd=GE&numConv=811428",
        "https://example.org/ajuts?codi=BDNS-811428",
    ],
)
def test_a_link_to_a_register_is_its_number(address: str) -> None:
    bdns = call(1, "bdns", "2026-05-01", title="Ayudas", identifiers=("BDNS-811428",))
    assert groups(bdns, call(2, "cido", title="Ajuts", page=address)) == {2: (1, "code")}
    assert groups(bdns, call(2, "cido", title="Ajuts", documents=link(address))) == {2: (1, "code")}


def test_three_sources_are_one_call() -> None:
    bdns = call(7, "bdns", "2026-05-01", identifiers=("BDNS-1",))
    raisc = call(3, "raisc", "2026-05-01", identifiers=("RAISC-2", "BDNS-1"))
    cido = call(1, "cido", page="https://example.org/khxn-nv6a.json?codi_raisc=2")
    assert groups(cido, raisc, bdns) == {1: (7, "code"), 3: (7, "code")}


def test_a_number_outweighs_a_deadline_that_moved() -> None:
    bdns = call(1, "bdns", "2026-05-01", identifiers=("BDNS-1",))
    raisc = call(2, "raisc", "2026-06-01", identifiers=("BDNS-1",))
    assert groups(bdns, raisc) == {2: (1, "code")}


def test_a_call_with_a_number_of_its_own_only_refers_to_others() -> None:
    earlier = call(1, "bdns", "2026-05-01", identifiers=("BDNS-1",))
    address = "https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/1"
    raisc = call(2, "raisc", "2026-05-01", identifiers=("RAISC-2",), documents=link(address), title="Ajuts")
    assert groups(earlier, raisc) == {}


def test_of_two_rows_with_one_number_the_one_with_the_deadline_counts() -> None:
    bdns = call(1, "bdns", "2026-05-01", identifiers=("BDNS-1",))
    rows = [
        call(n, "raisc", day, identifiers=("BDNS-1",)) for n, day in ((2, "2026-06-01"), (3, "2026-05-01"))
    ]
    assert groups(bdns, *rows) == {3: (1, "code")}
    assert groups(bdns, rows[1], call(4, "raisc", "2026-05-01", identifiers=("BDNS-1",))) == {}


def test_other_numbers_keep_equal_titles_apart() -> None:
    bdns = call(1, "bdns", "2026-05-01", identifiers=("BDNS-1",))
    raisc = call(2, "raisc", "2026-05-01", identifiers=("RAISC-9", "BDNS-2"))
    assert groups(bdns, raisc) == {}


# Topics


@pytest.mark.parametrize(
    "stated",
    [
        {"identifiers": (TOPIC,)},
        {"page": PORTAL + TOPIC},
        {"page": PORTAL + TOPIC.lower() + "-two-words"},
        {"documents": link(PORTAL + TOPIC)},
        {"texts": {"en": f"It is published as {TOPIC}."}},
        {"title": f"{TOPIC}: a made-up title"},
        {"texts": {"en": f"Call TEST-2026-CITY, topic {TOPIC}."}},
    ],
)
def test_a_page_that_names_the_topic_with_its_deadline_is_the_topic(stated: dict[str, Any]) -> None:
    page = call(2, "site", "2026-05-01", **{"title": "Made-up page"} | stated)
    assert identify([topic(1, "2026-05-01", "2026-09-01"), page], ORDER) == [Same(2, 1, "topic", TOPIC)]


@pytest.mark.parametrize(
    "stated",
    [
        {"texts": {"en": f"Not {TOPIC} but TEST-2026-CITY-02 is open."}},
        {"texts": {"en": f"Made-up open call of a project funded under {TOPIC}."}, "deadlines": ()},
        {"page": PORTAL + "TEST-2026-CITY-02"},
        {"identifiers": ("TEST-2026-CITY-02",), "page": PORTAL + TOPIC},
        {"kind": "cascade", "identifiers": (TOPIC,)},
        {"kind": "cascade", "page": PORTAL + TOPIC},
        {"kind": "scheme", "identifiers": (TOPIC,)},
    ],
)
def test_a_page_that_only_mentions_the_topic_is_not_the_topic(stated: dict[str, Any]) -> None:
    known: dict[str, Any] = {"title": "Made-up page", "no_deadline": "not stated"}
    assert groups(topic(1, "2026-05-01"), call(2, "site", "2026-05-01", **known | stated)) == {}


@pytest.mark.parametrize(
    "stated",
    [
        {"identifiers": (TOPIC,)},
        {"page": PORTAL + TOPIC},
        {"title": f"Open call {TOPIC}"},
        {"texts": {"en": f"A project funded under {TOPIC} has an open call."}},
    ],
)
def test_another_deadline_is_another_call(stated: dict[str, Any]) -> None:
    assert groups(topic(1, "2026-05-01"), call(2, "site", "2026-10-01", **{"title": "Page"} | stated)) == {}


@pytest.mark.parametrize("stated", [{"page": PORTAL + TOPIC}, {"title": f"{TOPIC}: made up"}])
def test_without_a_deadline_the_topic_stands_in_the_title_or_a_link(stated: dict[str, Any]) -> None:
    assert groups(topic(1, "2026-05-01"), call(2, "site", **stated)) == {2: (1, "topic")}


def test_a_page_that_came_after_the_topic_closed_is_about_something_else() -> None:
    page = call(2, "site", page=PORTAL + TOPIC)
    assert groups(topic(1, "2026-03-01"), page) == {}
    old_page = call(2, "site", page=PORTAL + TOPIC, published=date(2026, 1, 10))
    assert groups(topic(1, "2026-03-01"), old_page) == {2: (1, "topic")}


def test_stages_are_no_part_of_the_name() -> None:
    page = call(2, "site", "2026-05-01", texts={"en": f"It is {TOPIC}."})
    assert groups(topic(1, "2026-05-01", name=f"{TOPIC}-two-stage"), page) == {2: (1, "topic")}


def test_a_call_of_external_action_has_its_number() -> None:
    portal = call(1, "eu_portal", "2026-05-01", title="A", identifiers=("EuropeAid/185996/DD/ACT/BA",))
    eeas = call(2, "site", "2026-05-01", title="B (EuropeAid/185996)")
    assert groups(portal, eeas) == {2: (1, "topic")}


def test_a_page_that_links_to_several_topics_is_none_of_them() -> None:
    two = [topic(n, "2026-05-01", name=f"TEST-2026-CITY-0{n}") for n in (1, 2)]
    links = (*link(f"{PORTAL}TEST-2026-CITY-01"), *link(f"{PORTAL}TEST-2026-CITY-02"))
    assert groups(*two, call(3, "site", "2026-05-01", documents=links)) == {}


def test_two_pages_of_a_site_that_link_to_one_topic_are_left_alone() -> None:
    pages = [call(n, "site", "2026-05-01", title=f"Strand {n}", page=PORTAL + TOPIC) for n in (2, 3)]
    assert groups(topic(1, "2026-05-01"), *pages) == {}


# Titles


def test_equal_titles_with_a_deadline_in_common_are_one_call() -> None:
    portal = call(1, "eu_portal", "2026-05-01", "2026-09-01")
    site = call(2, "site", "2026-09-01", title="Open call: cleaner air for cities of the coast")
    assert identify([portal, site], ORDER) == [Same(2, 1, "title", "cleaner air cities coast · 2026-09-01")]


@pytest.mark.parametrize("days", [(), ("2026-05-02",)])
def test_equal_titles_without_a_deadline_in_common_are_not(days: tuple[str, ...]) -> None:
    assert groups(call(1, "eu_portal", "2026-05-01"), call(2, "site", *days)) == {}
    assert groups(call(1, "eu_portal"), call(2, "site")) == {}


@pytest.mark.parametrize(("one", "other"), [("3", "4"), ("2026", "2027"), ("I", "II"), ("2a", "2b")])
def test_numbers_that_differ_keep_calls_apart(one: str, other: str) -> None:
    titles = [f"{TITLE}, call {number}" for number in (one, other)]
    assert (
        groups(
            call(1, "eu_portal", "2026-05-01", title=titles[0]),
            call(2, "site", "2026-05-01", title=titles[1]),
        )
        == {}
    )


def test_titles_are_compared_in_each_language_that_both_have() -> None:
    first = call(
        1, "bdns", "2026-05-01", titles={"es": "Ayudas al aire de las ciudades", "ca": "Ajuts a l’aire net"}
    )
    assert groups(first, call(2, "raisc", "2026-05-01", titles={"ca": "AJUTS A L'AIRE NET"})) == {
        2: (1, "title")
    }
    assert groups(first, call(2, "raisc", "2026-05-01", titles={"fr": "Ajuts a l’aire net"})) == {}


def test_siblings_with_equal_titles_are_left_alone_with_what_may_be_either() -> None:
    siblings = [call(n, "eu_portal", "2026-05-01", identifiers=(f"TEST-2026-CITY-0{n}",)) for n in (1, 2)]
    assert groups(*siblings, call(3, "site", "2026-05-01")) == {}
    named = call(3, "site", "2026-05-01", page=f"{PORTAL}TEST-2026-CITY-02")
    assert groups(*siblings, named) == {3: (2, "topic")}
    assert groups(siblings[0], named) == {}


def test_what_is_left_after_the_topics_is_told_by_its_title() -> None:
    siblings = [call(n, "eu_portal", "2026-05-01", identifiers=(f"TEST-2026-CITY-0{n}",)) for n in (1, 2)]
    named = call(3, "site", "2026-05-01", page=f"{PORTAL}TEST-2026-CITY-02")
    assert groups(*siblings, named, call(4, "site", "2026-05-01")) == {3: (2, "topic"), 4: (1, "title")}


def test_of_two_sources_that_contradict_each_other_the_more_alike_is_meant() -> None:
    portal = call(1, "eu_portal", "2026-05-01", identifiers=(TOPIC,), title=f"{TITLE} again")
    register = call(2, "cido", "2026-05-01", page=f"{PORTAL}TEST-2026-CITY-02")
    assert groups(portal, register, call(3, "site", "2026-05-01")) == {3: (2, "title")}


def test_the_more_alike_of_two_siblings_is_meant() -> None:
    long = f"{TITLE}: measures that people and administrations take together"
    siblings = [
        call(1, "eu_portal", "2026-05-01", title=long),
        call(2, "eu_portal", "2026-05-01", title=f"{long} again"),
    ]
    assert groups(*siblings, call(3, "site", "2026-05-01", title=long)) == {3: (1, "title")}


def test_a_title_that_is_everywhere_names_nothing() -> None:
    many = [
        call(n, "bdns", "2026-12-31", title="Subvenciones culturales del municipio")
        for n in range(NAMESAKES + 1)
    ]
    assert groups(*many, call(99, "cido", "2026-12-31", title="Subvenciones culturales del municipio")) == {}


def test_a_link_to_another_topic_outweighs_an_equal_title() -> None:
    portal = call(1, "eu_portal", "2026-05-01", identifiers=(TOPIC,))
    assert groups(portal, call(2, "site", "2026-05-01", page=f"{PORTAL}TEST-2026-CITY-02")) == {}
    whole_call = f"{PORTAL}TEST-2026-CITY"
    assert groups(portal, call(2, "site", "2026-05-01", page=whole_call)) == {2: (1, "title")}


# Cascade funding, schemes, and one source


def test_cascade_calls_of_one_parent_stay_apart() -> None:
    cascade = [
        call(
            n,
            "eu_portal",
            "2026-05-01",
            kind="cascade",
            identifiers=(TOPIC,),
            title=f"Open call {n} for pilots in cities",
        )
        for n in (1, 2)
    ]
    parent = topic(3, "2026-05-01")
    page = call(
        4, "site", "2026-05-01", title="Open call 2 for pilots in cities", texts={"en": f"Under {TOPIC}."}
    )
    bridge = call(5, "other_site", "2026-05-01", title="Pilots in cities", page=PORTAL + TOPIC)
    assert groups(*cascade, page) == {4: (2, "title")}
    assert {3, 5} == {
        id_ for pair in groups(*cascade, parent, bridge).items() for id_ in (pair[0], pair[1][0])
    }


def test_cascade_funding_with_its_parents_title_is_not_its_parent() -> None:
    cascade = call(2, "site", "2026-05-01", kind="cascade")
    assert groups(call(1, "eu_portal", "2026-05-01", identifiers=(TOPIC,)), cascade) == {}


def test_a_scheme_is_never_a_call() -> None:
    scheme = call(2, "site", "2026-05-01", kind="scheme")
    assert groups(call(1, "eu_portal", "2026-05-01"), scheme) == {}


def test_calls_of_one_source_are_never_joined_by_a_third() -> None:
    twins = [call(n, "site", "2026-05-01") for n in (1, 2)]
    assert groups(*twins) == {}
    assert groups(*twins, call(3, "other_site", "2026-05-01")) == {}


def test_topics_are_not_joined_by_a_page_with_their_title() -> None:
    first, second = (
        call(1, "eu_portal", "2026-05-01", identifiers=("TEST-2026-CITY-01",)),
        call(2, "other_site", "2026-05-01", page=f"{PORTAL}TEST-2026-CITY-02"),
    )
    assert len(groups(first, second, call(3, "site", "2026-05-01"))) == 1


# Faces


def test_the_face_is_of_the_first_source_whatever_came_first() -> None:
    pages = [call(1, "site", "2026-05-01"), call(2, "raisc", "2026-05-01"), call(3, "bdns", "2026-05-01")]
    assert {copy: face for copy, (face, _) in groups(*pages).items()} == {1: 3, 2: 3}
    assert {copy: face for copy, (face, _) in groups(call(4, "left"), *pages).items()} == {1: 3, 2: 3}
    unlisted = call(1, "left", "2026-05-01")
    assert groups(unlisted, call(2, "site", "2026-05-01")) == {1: (2, "title")}


CALLS = st.lists(
    st.builds(
        lambda source, days, title, kind, names, codes, named: (
            source,
            days,
            title,
            kind,
            names,
            codes,
            named,
        ),
        st.sampled_from(ORDER),
        st.sets(st.sampled_from(["2026-05-01", "2026-06-01"])),
        st.sampled_from(
            [TITLE, f"{TITLE} 2", "Cleaner air for cities", "Pilots in the port", f"{TOPIC} pilots"]
        ),
        st.sampled_from(["call", "call", "cascade", "scheme"]),
        st.sets(st.sampled_from([TOPIC, "TEST-2026-CITY-02"]), max_size=1),
        st.sets(st.sampled_from(["BDNS-1", "BDNS-2", "RAISC-1"]), max_size=2),
        st.sampled_from(["", TOPIC, "TEST-2026-CITY-02"]),
    ),
    max_size=9,
)


def built(rows: Iterable[Any]) -> list[Call]:
    return [
        call(
            number,
            source,
            *sorted(days),
            title=title,
            kind=kind,
            identifiers=(*names, *codes),
            page=PORTAL + named if named else f"https://example.org/{number}",
        )
        for number, (source, days, title, kind, names, codes, named) in enumerate(rows, start=1)
    ]


@given(CALLS, st.randoms(use_true_random=False))
def test_the_order_of_the_calls_changes_nothing(rows: list[Any], random: Any) -> None:
    calls = built(rows)
    found = identify(calls, ORDER)
    random.shuffle(calls)
    assert identify(calls, ORDER) == found


@given(CALLS)
def test_groups_hold_one_call_of_a_source_and_one_face(rows: list[Any]) -> None:
    calls = {one.id: one for one in built(rows)}
    found = identify(calls.values(), ORDER)
    faces = {same.face_id for same in found}
    assert faces.isdisjoint(same.call_id for same in found)
    for face in faces:
        members = [calls[face], *(calls[same.call_id] for same in found if same.face_id == face)]
        assert max(Counter(one.source for one in members).values()) == 1
        assert min(members, key=lambda one: (ORDER.index(one.source), one.id)) is calls[face]
        assert len({one.kind == "scheme" for one in members}) == 1


@given(CALLS)
def test_a_call_that_is_none_of_them_changes_nothing(rows: list[Any]) -> None:
    calls = built(rows)
    apart = call(50, "site", "2026-07-01", title="Something else entirely")
    assert identify([*calls, apart], ORDER) == identify(calls, ORDER)
