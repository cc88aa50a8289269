"""How often one caller may ask this process; who asks more often is told when to come back."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from shared.errors import TooOften
from shared.process.settings import Settings


class Rates:
    """Counts the requests of each token's subject, minute by minute.

    Kept in the process: two replicas of a service together allow twice as much. A feed
    (role `service`) has a limit of its own, since a whole district's writes come from one
    subject. 0 sets no limit.
    """

    def __init__(self, settings: Settings) -> None:
        self._of_people = settings.requests_per_minute
        self._of_feeds = settings.feed_requests_per_minute
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    async def admit(self, sub: str, *, feed: bool) -> None:
        """Count one request. Raise TooOften beyond the limit, with the seconds to wait."""
        most = self._of_feeds if feed else self._of_people
        if not most:
            return
        limit = RateLimitItemPerMinute(most)
        if await self._counted.hit(limit, sub):
            return
        window = await self._counted.get_window_stats(limit, sub)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        raise TooOften(
            f"this token's subject has asked {most} times within a minute",
            works=f"send the same request again in {seconds} s, or send many rows as one batch",
            code="too_often",
            retry_after_seconds=seconds,
        )
