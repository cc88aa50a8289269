"""Links that sign a browser in: each is good once and for ten minutes, and says nothing of the token behind it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from shared.errors import TooOften, Unauthenticated

GOOD_SECONDS = 600.0
AT_MOST = 1_000


@dataclass(slots=True)
class Links:
    """The links of this process that nobody has used yet; who starts it anew makes new ones."""

    clock: Callable[[], float] = monotonic
    _waiting: dict[str, tuple[str, float]] = field(default_factory=dict, init=False)

    def make(self, token: str) -> str:
        """A new link's code. Raise TooOften while too many wait to be used."""
        now = self.clock()
        self._waiting = {code: one for code, one in self._waiting.items() if one[1] > now}
        if len(self._waiting) >= AT_MOST:
            raise TooOften("too many sign-in links wait to be used", retry_after_seconds=60)
        code = secrets.token_urlsafe(32)
        self._waiting[code] = (token, now + GOOD_SECONDS)
        return code

    def use(self, code: str) -> str:
        """The token behind a link, used up by this. Raise Unauthenticated for one that is good no more."""
        token, until = self._waiting.pop(code, ("", 0.0))
        if not token or until <= self.clock():
            raise Unauthenticated("this sign-in link is used or older than ten minutes; ask for a new one")
        return token
