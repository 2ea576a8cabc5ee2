"""How fast mails are handed to a server."""

import time
from collections import deque
from collections.abc import Callable
from threading import Event

MINUTE = 60.0


def _pause(seconds: float) -> None:
    Event().wait(seconds)


class Pace:
    """At most `per_minute` turns in any 60 seconds of `clock`, in seconds of a clock that never goes back."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = _pause,
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._turns: deque[float] = deque(maxlen=per_minute)

    def await_turn(self) -> None:
        if len(self._turns) == self._turns.maxlen:
            wait = self._turns[0] + MINUTE - self._clock()
            if wait > 0:
                self._pause(wait)
        self._turns.append(self._clock())
