"""How often something may be done: counted in memory, and never more than a fixed number of names."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

MOST_NAMES = 10_000
"""Whoever floods the names pushes out the oldest ones: that costs memory a megabyte or two and no more."""


@dataclass
class Limit:
    """At most `most` times in any span of length `within`, for each name."""

    most: int
    within: timedelta
    _times: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def allows(self, name: str, now: datetime) -> bool:
        """Whether `name` may do it `now`; if so, it counts as done."""
        with self._lock:
            times = self._times.setdefault(name, deque())
            self._times.move_to_end(name)
            while times and times[0] <= now - self.within:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(now)
            while len(self._times) > MOST_NAMES:
                self._times.popitem(last=False)
            return True
