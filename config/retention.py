"""How long what is of no use any more is kept: the table `[retention]` of organisation.toml."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST = 36_525
"""Days: a hundred years."""


class Retention(BaseModel):
    """Days after which something goes. Whatever the figures are made of stays for good: `store.retention`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarantined: Annotated[int, Field(ge=30, le=LONGEST)] = Field(
        default=180, description="rows that the store refused: until the parser was mended by them"
    )
    runs: Annotated[int, Field(ge=90, le=LONGEST)] = Field(
        default=730,
        description="readings, checks and jobs: two years, so that a season can be set beside the one before",
    )
    mails: Annotated[int, Field(ge=90, le=LONGEST)] = Field(
        default=365,
        description="texts of mails; that they went out, when, to whom, and what they told stays, "
        "so that nothing is sent twice",
    )
    events: Annotated[int, Field(ge=90, le=LONGEST)] = Field(
        default=730,
        description="who entered the review, and what it refused: accountability; what was done about calls stays",
    )
    tokens: Annotated[int, Field(ge=1, le=LONGEST)] = Field(
        default=30, description="links, sessions and tokens of programs, after their end"
    )
