"""Made-up documents read and ranked, as `matcher.matching` does it with calls."""

from collections.abc import Collection, Sequence

from matcher.documents import Document
from matcher.fusion import Encode, Meaning, read_meaning
from matcher.profile import Profile
from matcher.ranking import Ranking, rank
from matcher.reading import Reader


def ranked(
    documents: Sequence[Document],
    profile: Profile,
    overrides: Collection[int] = (),
    meaning: Meaning | None = None,
) -> Ranking:
    return rank([*map(Reader(profile).read, documents)], profile, overrides, meaning)


def meant(documents: Sequence[Document], profile: Profile, encode: Encode) -> Meaning:
    return read_meaning([*map(Reader(profile).read, documents)], profile, encode)
