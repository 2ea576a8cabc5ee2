"""Whatever a row holds, it becomes a call or a ValueError."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.eu_portal import to_record
from store.records import CallRecord

ROW: dict[str, Any] = {
    "reference": "900000001TOPICSen",
    "language": "en",
    "url": "https://example.org/call",
    "metadata": {
        "type": ["1"],
        "status": ["31094502"],
        "identifier": ["TEST-2026-CITIES-01"],
        "title": ["A made-up topic"],
        "startDate": ["2026-05-05T00:00:00.000+0000"],
        "deadlineDate": ["2026-09-15T00:00:00.000+0000"],
    },
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [
            "2026-09-15T17:00:00.000+0000",
            "9999-12-31T23:59:00.000+0000",
            "0001-01-01T00:00:00.000+0000",
            "<!-- -->",
            "&nbsp;",
            '["a", null, ""]',
            '[{"deadlineDates": 3, "submissionProcedure": "x", "plannedOpeningDate": []}]',
            "[" * 10_000,
            "\ud800",
        ]
    )
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    *ROW["metadata"],
    "callTitle",
    "actions",
    "budgetOverview",
    "budget",
    "currency",
    "typesOfAction",
    "keywords",
]
FIELDS += [
    "tags",
    "geographicalZones",
    "descriptionByte",
    "topicConditions",
    "deadlineModel",
    "callIdentifier",
]


@given(
    fields=st.dictionaries(st.sampled_from(FIELDS), st.lists(SCALARS, max_size=3) | JUNK, max_size=4),
    envelope=st.dictionaries(
        st.sampled_from(["reference", "language", "url", "summary", "metadata"]), JUNK, max_size=1
    ),
)
def test_wild_row_is_a_call_or_no_value(fields: dict[str, Any], envelope: dict[str, Any]) -> None:
    try:
        record = to_record(ROW | {"metadata": ROW["metadata"] | fields} | envelope)
    except ValueError:
        return
    assert isinstance(record, CallRecord)
