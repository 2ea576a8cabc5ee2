"""What each source is expected to answer: the fields of its rows and of the calls they become, as its replica has them.

`python -m crawler.contract [SOURCE…]` writes `contracts/<source>.json` from the records of the replicas.
"""

import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from crawler.looking import Job, Look, look
from crawler.replicas.sample import SAMPLE_DAY
from crawler.replicas.serving import Replica
from crawler.replicas.world import addresses, create_world, replicas
from crawler.shape import Field, Shape, coarse, shape_of

CONTRACTS = Path(__file__).with_name("contracts")
PART_OF_ROWS = 4
"""A look at the portal has to meet at least a quarter of the rows that a look at the replica meets."""
ALWAYS = {"source", "source_key", "kind", "page", "currency", "deadline_model", "no_deadline", "notices"}
"""Fields that a call has whatever its source states."""
ARGUMENTS = {"bdns": {"span": "600"}}
"""With what a source is read where its own way would pass over most of its records: they are older than it looks."""


class Contract(BaseModel):
    """Fields as `crawler.shape.Field` writes them; `records` are shares of calls, in tenths, that state a field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_rows: int
    declares_total: bool
    calls: dict[str, str]
    others: dict[str, str]
    records: dict[str, float]


def shape_in(texts: dict[str, str]) -> Shape:
    return {path: Field.parse(text) for path, text in texts.items()}


def _texts(shape: Shape) -> dict[str, str]:
    return {path: str(field) for path, field in sorted(shape.items())}


def path_of(source: str) -> Path:
    return CONTRACTS / f"{source}.json"


def load_contract(source: str) -> Contract:
    """FileNotFoundError for a source without one."""
    return Contract.model_validate_json(path_of(source).read_bytes())


def contract_of(whole: Look, first: Look) -> Contract:
    """The contract that a replica keeps: read to its end, and looked at as a portal is."""
    return Contract(
        least_rows=max(1, ceil(first.rows / PART_OF_ROWS)),
        declares_total=first.declared is not None,
        calls=_texts(shape_of(whole.calls)),
        others=_texts(shape_of(whole.others)),
        records={field: coarse(share) for field, share in whole.shares.items() if field not in ALWAYS},
    )


def contracts_of_replicas(sources: Sequence[str]) -> dict[str, str]:
    """What `contracts/` has to hold for these sources."""
    whole = [
        Job(source=source, whole=True, today=SAMPLE_DAY, arguments=ARGUMENTS.get(source, {}))
        for source in sources
    ]
    first = [Job(source=source, today=SAMPLE_DAY) for source in sources]
    with Replica(create_world(sources)) as world:
        looks = look([*whole, *first], addresses(world.address, sources))
    pairs = zip(sources, looks[: len(sources)], looks[len(sources) :], strict=True)
    return {source: contract_of(*found).model_dump_json(indent=1) + "\n" for source, *found in pairs}


def write_contracts(sources: Sequence[str]) -> list[Path]:
    paths = []
    for source, text in contracts_of_replicas(sources).items():
        path_of(source).write_text(text, encoding="utf-8")
        paths.append(path_of(source))
    return paths


if __name__ == "__main__":
    write_contracts(sys.argv[1:] or replicas())
