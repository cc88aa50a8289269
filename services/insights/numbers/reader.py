"""The reader is the one way to a number: it reads what a viewer may see, for the API, the pages and the stream."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from services.aggregator.domain.facts import Subject
from services.aggregator.domain.measures import BY_KEY, Measure, Member, Reason
from services.insights.numbers.board import Board, Row, View, board, own_year, rows, target_of
from services.insights.numbers.disclosure.days import checked_day
from services.insights.numbers.disclosure.viewers import (
    PERSONS,
    of_persons,
    own_parts,
    reads,
    sees_of,
    told,
    told_apart,
)
from services.insights.numbers.names import Names
from services.insights.numbers.partition_shares import lasting_until
from services.insights.numbers.slices import Slice, checked_year, slice_of, slice_within
from services.insights.numbers.store import Store
from services.insights.numbers.tallies import NOTHING, Tallies, Tally
from shared.contracts.envelope import Fact
from shared.doors.auth import Reach
from shared.errors import NotFound, Refused
from shared.plans import Plan
from shared.school_year import school_year_of
from shared.words.said import said

DISTRICT, PROGRAM, CAMPUS, PROGRAM_AT_CAMPUS = "district", "program", "campus", "program_campus"


# At most so many subjects are looked at for one page: one that is not full goes on behind them.
LOOKED_AT = 4_000
# Whom a fact speaks of beside the one whose subject it is told to: none of that is anybody else's.
OTHERS = frozenset({"student_ids", "guardian_id", "guardian_ids", "logged_as", "occasion_id"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request names; nothing given means: the plan as a whole, today, the newest settled year."""

    plan: str = "aurora"
    school_year: str | None = None
    as_of: date | None = None
    campus: str | None = None
    district: str | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One measure in one year by the groups of a dimension, each member in exactly one."""

    view: View
    measure: Measure
    school_year: str
    dimension: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: a measure, a school year, and one value of one dimension."""

    measure: Measure
    school_year: str
    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """One member of a cell, with the facts that decided: as the API writes them, and as they are.

    It is of `about`, a `kind`: a student, a guardian, a workshop, a program.
    """

    kind: str
    about: str
    member: Member
    counted: bool
    matured: bool
    reason: Reason
    facts: tuple[Mapping[str, Any], ...]
    decided: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the members behind a number; `after` is where the next page begins."""

    view: View
    cell: Cell
    found: tuple[Found, ...]
    after: str | None


class Reader:
    """Reads for one viewer at a time."""

    def __init__(self, store: Store, plans: Mapping[str, Plan]) -> None:
        self.store = store
        self.plans = plans

    def plan(self, key: str) -> Plan:
        """Raise NotFound, naming those there are, for a plan that is not kept."""
        if key not in self.plans:
            raise NotFound(said("there is no plan %(key)s; there is %(known)s", key=key, known=", ".join(self.plans)))
        return self.plans[key]

    async def view(self, asked: Asked, own: frozenset[str] | None, sees: Reach | None = None) -> tuple[View, Names]:
        """What is looked at, within the viewer's `own` districts (None: no limit), on a day that `sees` may ask for.

        Raise NotFound or Refused, in words, for what cannot be shown.
        """
        plan = self.plan(asked.plan)
        if asked.school_year:
            checked_year(asked.school_year)
        part = slice_within(slice_of(asked.campus, asked.district), own)
        now = await self.store.now()
        names, freshness, defined = await asyncio.gather(
            self.store.names(), self.store.freshness(now), self.store.defined()
        )
        calendar = names.calendar()
        today = calendar.today(now)
        any_day = sees is None or reads(sees, part)
        return View(plan, part, checked_day(asked.as_of, today, any_day=any_day), calendar, freshness, defined), names

    async def board(self, reach: Reach, asked: Asked) -> tuple[Board, Names]:
        """The board of the part that was asked for."""
        sees = sees_of(reach)
        view, names = await self.view(asked, limit(reach), sees)
        return await self.board_of(view, asked.school_year, sees), names

    async def board_of(self, view: View, school_year: str | None, sees: Reach) -> Board:
        """The board of a view, all years in one round trip; numbers of few people only for who may read those."""
        measures = [BY_KEY[key] for key in view.plan.measures]
        found = await self._all_years(view, measures, view.slice)
        if not reads(sees, view.slice):
            parts = await asyncio.gather(*(self._all_years(view, measures, one) for one in own_parts(sees, view.slice)))
            of_people = {key: tally for key, tally in found.items() if of_persons(BY_KEY[key[0]])}
            return board(view, {**found, **told(of_people, parts)}, school_year, counted=found)
        return board(view, found, school_year)

    async def _all_years(self, view: View, measures: Sequence[Measure], part: Slice) -> Tallies:
        return await self.store.all_years(measures, part, view.as_of, view.calendar.starts, view.defined)

    async def year_of(self, view: View, measure: Measure) -> str:
        """The school year that a measure is shown in when nobody names one: its goal's."""
        goal = view.plan.goal_of(measure.key)
        shown = BY_KEY[goal.headline] if goal and goal.headline else measure
        starts = view.calendar.starts
        found = own_year(view, shown, await self.store.all_years([shown], view.slice, view.as_of, starts, view.defined))
        return found.school_year if found else school_year_of(view.as_of, starts)

    async def default_year(self, asked: Asked, measure: Measure) -> str:
        """The school year that a measure is shown in, of the district as a whole."""
        view, _ = await self.view(asked, None)
        return await self.year_of(view, measure)

    async def breakdown(self, reach: Reach, asked: Asked, key: str, dimension: str) -> tuple[Breakdown, Names]:
        """A measure by the groups of a dimension, those without anybody named too where they are known."""
        (found,), names = await self.breakdowns(reach, asked, (key,), dimension)
        return found, names

    async def breakdowns(
        self, reach: Reach, asked: Asked, keys: Sequence[str], dimension: str
    ) -> tuple[list[Breakdown], Names]:
        """Several measures by the same groups, at one moment and in the year of the first; each names all the groups.

        What one of them withholds does not stand in its breakdown as nobody: it is withheld, or not named there.
        """
        measures, own = [measure_of(key) for key in keys], limit(reach)
        sees = sees_of(reach)
        view, names = await self.view(asked, own, sees)
        for measure in measures:
            check_dimension(measure, dimension)
        year = asked.school_year or await self.year_of(view, measures[0])
        found = await self._groups(view, measures, year, dimension, own, asked.district)
        known = {value for groups in found.values() for value in groups}
        if dimension == PROGRAM and view.slice.dimension == "all" and view.plan.goal_of(keys[0]):
            known.update(names.active_programs(year, view.calendar.starts))
        labels = {value: names.label(dimension, value) for value in known}
        return [
            Breakdown(view, one, year, dimension, _rows(view, one, year, found[one.key], labels, dimension, sees))
            for one in measures
        ], names

    async def _groups(
        self,
        view: View,
        measures: Sequence[Measure],
        year: str,
        dimension: str,
        own: frozenset[str] | None,
        district: str | None,
    ) -> dict[str, dict[str, Tally]]:
        """The groups of each measure, of the viewer's `own` districts alone; Refused, where none are kept."""
        part = view.slice

        async def by(kept: str) -> dict[str, dict[str, Tally]]:
            return await self.store.groups(measures, year, kept, view.as_of, view.calendar.starts, view.defined)

        if own is not None and dimension != DISTRICT:
            raise Refused(said("within a district counts are kept as a whole only; choose the groups by home district"))
        if own is not None:
            return _only(await by(DISTRICT), {district} if district else own)
        if part.dimension in ("all", dimension):
            found = await by(dimension)
            return found if part.dimension == "all" else _only(found, {part.value})
        both = all(PROGRAM_AT_CAMPUS in one.dimensions for one in measures)
        if (part.dimension, dimension) == (CAMPUS, PROGRAM) and both:
            return {key: _at_campus(groups, part.value) for key, groups in (await by(PROGRAM_AT_CAMPUS)).items()}
        raise Refused(
            said(
                "within a %(part)s, counts by %(dimension)s are not kept; within a campus, by program are for most",
                part=part.dimension,
                dimension=dimension,
            )
        )

    async def members(
        self,
        reach: Reach,
        asked: Asked,
        cell: Cell,
        *,
        counted: bool | None,
        after: str | None,
        limit: int,
        reason: str | None = None,
    ) -> tuple[Behind, Names]:
        """The members of a cell that the viewer reaches, in the order of their ids; of one reason only if so asked.

        A student with several members in the cell is never cut in two by a page's end.
        """
        check_dimension(cell.measure, cell.dimension)
        view, names = await self.view(replace(asked, campus=None, district=None), None)
        view = replace(view, slice=Slice(cell.dimension, cell.value))
        if not await self._anybody(view, cell):
            return Behind(view, cell, (), None), names
        found: list[Found] = []
        last = after
        until = lasting_until(cell.measure, cell.school_year, view.as_of, view.calendar.starts)
        looked = 0
        while subjects := await self.store.subjects_of(cell.measure, cell.school_year, after):
            for subject in subjects:
                inside = found_in(subject, cell, reach, until, counted)
                more = [one for one in inside if reason in (None, one.reason.code)]
                if more and found and len(found) + len(more) > limit:
                    return Behind(view, cell, tuple(found), last), names
                found += more
                last = subject.id
            after = subjects[-1].id
            looked += len(subjects)
            if looked >= LOOKED_AT:
                return Behind(view, cell, tuple(found), after), names
        return Behind(view, cell, tuple(found), None), names

    async def _anybody(self, view: View, cell: Cell) -> bool:
        """Whether anything at all is counted in a cell: what does not exist costs no look at every subject."""
        found = await self._all_years(view, [cell.measure], Slice(cell.dimension, cell.value))
        return any(year == cell.school_year and tally.members for (_, year, _), tally in found.items())


def _rows(
    view: View,
    measure: Measure,
    year: str,
    found: Mapping[str, Tally],
    labels: Mapping[str, str],
    dimension: str,
    sees: Reach,
) -> tuple[Row, ...]:
    """A row for each of the groups that have a label, without the numbers of few people."""
    every = {value: found.get(value, NOTHING) for value in labels}
    shown = told_apart(every, view.slice, dimension, sees) if of_persons(measure) else every
    return tuple(rows(view, measure, year, shown, labels, target_of(view.plan.goal_of(measure.key), measure.key)))


def _only(found: Mapping[str, dict[str, Tally]], values: Collection[str]) -> dict[str, dict[str, Tally]]:
    return {key: {v: tally for v, tally in groups.items() if v in values} for key, groups in found.items()}


def _at_campus(groups: Mapping[str, Tally], campus: str) -> dict[str, Tally]:
    split = {tuple(value.split("|", 1)): tally for value, tally in groups.items()}
    return {program: tally for (program, at), tally in split.items() if at == campus}


def limit(reach: Reach) -> frozenset[str] | None:
    """The districts whose numbers a viewer is limited to; None for one who sees the whole board."""
    return None if reach.everything else reach.who.districts


def measure_of(key: str) -> Measure:
    """Raise NotFound, naming those there are, for an unknown measure."""
    if key not in BY_KEY:
        raise NotFound(said("there is no measure %(key)s; there is %(known)s", key=key, known=", ".join(BY_KEY)))
    return BY_KEY[key]


def check_dimension(measure: Measure, dimension: str) -> None:
    """Raise Refused, naming those there are, for a dimension that the measure is not kept by."""
    if dimension not in measure.dimensions:
        kept = ", ".join(measure.dimensions)
        raise Refused(
            said(
                "%(key)s is not kept by %(dimension)r; it is by %(kept)s",
                key=measure.key,
                dimension=dimension,
                kept=kept,
            )
        )


def found_in(subject: Subject, cell: Cell, reach: Reach, as_of: date, counted: bool | None) -> list[Found]:
    """The subject's members in a cell that the viewer reaches; only counted or only uncounted ones if so asked."""
    found = []
    kind, _, about = subject.id.partition("/")
    for member in cell.measure.members_of(subject, cell.school_year):
        places = cell.measure.places(member)
        inside = places[cell.dimension] == cell.value and member.is_member(as_of)
        if not inside or counted not in (None, member.is_counted(as_of)):
            continue
        within = {"program": PROGRAM, "organisation": CAMPUS, "district": DISTRICT}
        # A program or a workshop is nobody: whoever may ask for members may see those behind a number. Of a guardian
        # only the district is known: no role that is limited to campuses or programs reads one.
        if kind in PERSONS and not reach.allows(**{to: places.get(of) for to, of in within.items()}):
            continue
        reason = member.why(as_of)
        found.append(
            Found(
                kind=kind,
                about=about,
                member=member,
                counted=member.is_counted(as_of),
                matured=member.is_matured(as_of),
                reason=reason,
                facts=tuple(deciding(subject, reason.records)),
                decided=tuple(
                    state
                    for one in reason.records
                    if one in subject.facts and (state := subject.facts[one].state) is not None
                ),
            )
        )
    return found


def deciding(subject: Subject, records: Sequence[str]) -> list[dict[str, Any]]:
    """The facts that decided, as last heard of, in ids, codes and dates alone."""
    known = [(record, subject.facts[record]) for record in records if record in subject.facts]
    return [
        {
            "record": record,
            "version": fact.version,
            "kind": fact.kind,
            "state": {
                name: value
                for name, value in msgspec.to_builtins(fact.state).items()
                if name not in ("student_id", f"{fact.kind}_id", *OTHERS) and value not in (None, [], {})
            },
        }
        for record, fact in known
        if fact.state is not None
    ]
