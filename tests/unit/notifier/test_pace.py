"""How fast mails are handed over, by a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from notifier.pace import MINUTE, Pace


class Clock:
    """A clock that goes on when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def read(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@given(st.integers(1, 5), st.lists(st.floats(0, 100), max_size=40))
def test_no_minute_has_more_turns_than_it_may(per_minute: int, work: list[float]) -> None:
    clock = Clock()
    pace = Pace(per_minute, clock.read, clock.wait)
    turns = []
    for seconds in work:
        pace.await_turn()
        turns.append(clock.now)
        clock.now += seconds
    for first, next_minute in zip(turns, turns[per_minute:], strict=False):
        assert next_minute - first >= MINUTE - 1e-6


def test_nobody_waits_for_a_turn_that_is_free() -> None:
    clock = Clock()
    pace = Pace(3, clock.read, clock.wait)
    for _ in range(3):
        pace.await_turn()
    assert clock.now == 1000.0
    pace.await_turn()
    assert clock.now == 1000.0 + MINUTE
