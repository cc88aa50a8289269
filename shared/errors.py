"""
What can go wrong, grouped by who must act:

* Refused            the caller; answered 4xx, nothing changed
  + Malformed            400  the request itself cannot be read
  + Unauthenticated      401
  + Forbidden            403
  + NotFound             404  also whatever lies outside the caller's rows
  + TooSlow              408  the body did not come in time
  + Conflict             409  a natural key is taken; names the record that has it
  + Stale                412  If-Match names another version than the stored one
  + TooLarge             413
  + WrongMediaType       415
  + NoVersionGiven       428  a change without If-Match
  + TooOften             429  beyond the limit of one caller; Retry-After
* Unreadable         nobody live; park the record and go on
* Retryable          nobody; wait and try the same thing again (503, Retry-After)
  + LostPartition        another consumer owns the partition now
* Stopped            an operator; the message names the command that repairs
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request: where (a JSON pointer such as `/rows/3/student_id`), what, and what would work.

    `code` names the kind of trouble for programs and never changes for it, such as `unknown_student`.
    """

    pointer: str
    detail: str
    works: str = ""
    code: str = ""

    @property
    def said(self) -> str:
        """The whole of it as one sentence."""
        return f"{self.detail}; {self.works}" if self.works else self.detail


class Refused(Exception):
    """The caller asked for something that cannot be; the message says what would work.

    A refusal that is about no one field gives `works` and `code` itself; any other names its `problems`.
    """

    def __init__(self, detail: str, problems: Sequence[Problem] = (), *, works: str = "", code: str = "") -> None:
        self.whole = Problem("", detail, works, code)
        self.detail = self.whole.said
        super().__init__(self.detail)
        self.problems = tuple(problems)


def refused(*problems: Problem) -> Refused:
    """The refusal of what has these problems, which says all of them."""
    return Refused("; ".join(one.said for one in problems), problems)


def apart(refusal: Refused) -> tuple[Problem, ...]:
    """What is wrong, one by one, each with what would work told apart from it."""
    return refusal.problems or (refusal.whole,)


class Malformed(Refused):
    """The request cannot be read at all."""


class Unauthenticated(Refused):
    """No token, or one that does not hold."""


class Forbidden(Refused):
    """The token holds, but its roles do not open this route."""


class NotFound(Refused):
    """There is no such thing, or the caller may not know that there is."""


class Conflict(Refused):
    """Another record stands in the way; `existing` is its id."""

    def __init__(
        self,
        detail: str,
        *,
        existing: str = "",
        problems: Sequence[Problem] = (),
        works: str = "",
        code: str = "",
    ) -> None:
        super().__init__(detail, problems, works=works, code=code)
        self.existing = existing


class Stale(Refused):
    """The caller names another version than is stored; `ahead`: a later one, which may be about to be seen here."""

    def __init__(self, detail: str, *, ahead: bool = False, works: str = "", code: str = "") -> None:
        super().__init__(detail, works=works, code=code)
        self.ahead = ahead


class TooLarge(Refused):
    """The body is over the limit."""


class TooSlow(Refused):
    """The body did not arrive in the time that it may take."""


class WrongMediaType(Refused):
    """The body's media type is none that this route reads."""


class NoVersionGiven(Refused):
    """A change must name the version it was decided on."""


class TooOften(Refused):
    """The caller asks more often than one caller may."""

    def __init__(self, detail: str, *, retry_after_seconds: int, works: str = "", code: str = "") -> None:
        super().__init__(detail, works=works, code=code)
        self.retry_after_seconds = retry_after_seconds


class Unreadable(Exception):
    """A record that no release of ours can count; kept as it came, with this reason."""


class Retryable(Exception):
    """Not now; the same thing, tried again later, may succeed."""

    def __init__(self, detail: str, *, retry_after_seconds: int = 2) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class LostPartition(Retryable):
    """Another consumer has written to this partition since we read it."""


class Stopped(Exception):
    """Going on would make a number wrong; the message names the command that repairs."""
