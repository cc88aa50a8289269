"""How slow this machine is just now: every bound of time grows with what it needed to stand up and to drain nothing."""

from dataclasses import dataclass

# What a quiet machine of two cores needs.
STANDS_UP_SECONDS = 25.0
DRAINS_NOTHING_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Pace:
    """What the machine needed before anything was done to it, as against a quiet one; never quicker than that."""

    stood_up_seconds: float = 0.0
    drained_nothing_seconds: float = 0.0

    @property
    def times(self) -> float:
        slower = self.stood_up_seconds / STANDS_UP_SECONDS, self.drained_nothing_seconds / DRAINS_NOTHING_SECONDS
        return max(1.0, *slower)

    def within(self, seconds: float) -> float:
        """A bound that holds on a quiet machine, as it holds here."""
        return seconds * self.times


class Clock:
    """The pace of this process's run: measured once it stands, and asked by every bound."""

    pace = Pace()


def within(seconds: float) -> float:
    """A bound of time on this machine, as far as its pace is known yet."""
    return Clock.pace.within(seconds)
