"""What a program asks of its students, by date: the cut, and what an assessment at the end must gain on the first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.credentials.assessment.rules import Assessment
from services.credentials.in_force import Span, differing, in_force
from shared.errors import Problem, refused

DEFAULT_CUT = Fraction(3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedCut:
    """From `valid_from` on; `minimum_gain` None: more than nothing. Both are shares, exact, as text."""

    valid_from: date
    cut: str
    minimum_gain: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """All that a program has asked; one holds from its day until the next."""

    program_id: str
    cuts: tuple[DatedCut, ...] = ()

    def cut_on(self, day: date) -> Fraction:
        """The cut in force on a day."""
        dated = self._on(day)
        return Fraction(dated.cut) if dated else DEFAULT_CUT

    def gain_on(self, day: date) -> Fraction | None:
        """The least gain in force on a day; None: more than nothing."""
        dated = self._on(day)
        return Fraction(dated.minimum_gain) if dated and dated.minimum_gain is not None else None

    def _on(self, day: date) -> DatedCut | None:
        return in_force(self.cuts, day, since=lambda dated: dated.valid_from)


@dataclass(frozen=True, slots=True)
class Restated:
    """The days on which a published assessment says another cut, and those on which another least gain."""

    cut: tuple[Span, ...] = ()
    gain: tuple[Span, ...] = ()


def verdict(one: Assessment, cuts: Cuts) -> tuple[bool, Fraction | None]:
    """Whether it was passed, and the cut that it is held against: its own, else that in force on its day.

    A verdict that was told without a cut stands by itself.
    """
    own = Fraction(one.cut) if one.cut is not None else None
    if one.passed is not None:
        return one.passed, own
    share = one.share()
    if share is None:
        raise ValueError("an assessment that was kept has a share or a verdict")
    cut = own if own is not None else cuts.cut_on(one.taken_on)
    return share >= cut, cut


def checked(wanted: Cuts) -> Cuts:
    """The cuts as they will be kept, in the order of their days, or Refused."""
    problems = []
    seen: dict[date, int] = {}
    for row, dated in enumerate(wanted.cuts):
        earlier = seen.setdefault(dated.valid_from, row)
        if earlier != row:
            said = f"there already is a cut from {dated.valid_from} on, in row {earlier}"
            works = "keep one"
            problems.append(Problem(f"/cuts/{row}/valid_from", said, works, "twice"))
        for name, value in (("cut", dated.cut), ("minimum_gain", dated.minimum_gain)):
            if value is not None and not 0 <= Fraction(value) <= 1:
                said = f"{name} {value} is a share of the whole"
                works = "write it from 0 to 1, as 0.6"
                problems.append(Problem(f"/cuts/{row}/{name}", said, works, "out_of_range"))
    if problems:
        raise refused(*problems)
    return Cuts(program_id=wanted.program_id, cuts=tuple(sorted(wanted.cuts, key=lambda dated: dated.valid_from)))


def restated(before: Cuts, after: Cuts) -> Restated:
    """The days on which something else is in force than before."""
    turns = {dated.valid_from for dated in (*before.cuts, *after.cuts)}

    def differ(asked_on: Callable[[Cuts, date], Fraction | None]) -> tuple[Span, ...]:
        return differing(turns, lambda day: asked_on(before, day) != asked_on(after, day))

    return Restated(differ(Cuts.cut_on), differ(Cuts.gain_on))
