import json

import pytest

from crawler.parsers.eu_portal import programme_counts


def test_programmes_are_counted() -> None:
    values = [{"rawValue": "43108390", "count": 3}, {"rawValue": "43152860", "count": None}]
    facets = [
        {"name": "status", "values": [{"rawValue": "x"}]},
        {"name": "frameworkProgramme", "values": values},
    ]
    assert programme_counts(json.dumps({"facets": facets}).encode()) == {"43108390": 3, "43152860": 0}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"facets": null}', b'{"facets": [1]}'])
def test_an_answer_that_is_no_facets_splits_nothing(body: bytes) -> None:
    assert programme_counts(body) == {}
