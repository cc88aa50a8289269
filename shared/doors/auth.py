"""Who is asking, what their roles open, and which rows they reach; the default is refuse."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from shared.doors.carried import meant, token_of
from shared.doors.request_limits import Rates
from shared.doors.roles import ALL_OF_THEM, Role
from shared.doors.tokens import REMEMBERED, Verifier
from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.web.routing.routes import is_operation, operation_of, routes_of

ADMITTED = "aurora.admitted"  # in a request's scope: who was let in, so that nobody is asked, or counted, twice
NOTHING: Mapping[str, Any] = {"_id": {"$in": []}}


class Rows(StrEnum):
    """Which rows a role reaches on a route."""

    ALL = "all rows"
    OWN_PROGRAMS = "rows of own programs at own campuses"
    OWN_CAMPUSES = "rows of own campuses"
    OWN_DISTRICTS = "rows of own districts"
    SELF = "own rows"


INSTRUCTOR, COORDINATOR, COUNSELOR = Role.INSTRUCTOR, Role.COORDINATOR, Role.COUNSELOR
STUDENT, LEADER, DATA_MANAGER = Role.STUDENT, Role.LEADER, Role.DATA_MANAGER
OPERATOR, SERVICE = Role.OPERATOR, Role.SERVICE
ALL, OWN_PROGRAMS, OWN_CAMPUSES = Rows.ALL, Rows.OWN_PROGRAMS, Rows.OWN_CAMPUSES
OWN_DISTRICTS, SELF = Rows.OWN_DISTRICTS, Rows.SELF

Access = Mapping[str, Mapping[Role, Rows]]


@dataclass(frozen=True, slots=True)
class Identity:
    """What the token says of its bearer; `*` in a list means all of them."""

    sub: str
    roles: frozenset[Role]
    programs: frozenset[str] = frozenset()
    campuses: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    student_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows that a caller reaches on one route: the union over the caller's roles.

    A kind of rows that a call does not give the field or value for adds nothing: forgetting
    one can only hide rows, never show more.
    """

    who: Identity
    rows: frozenset[Rows]

    @property
    def everything(self) -> bool:
        """Whether no row is out of reach."""
        return Rows.ALL in self.rows or any(not way for way in self._ways())

    def allows(
        self,
        *,
        program: str | None = None,
        organisation: str | None = None,
        district: str | None = None,
        student: str | None = None,
    ) -> bool:
        """Whether the row with these values is within reach."""
        given = {"program": program, "organisation": organisation, "district": district, "student": student}
        return self.everything or any(
            all(given[name] is not None and given[name] in allowed for name, allowed in way.items())
            for way in self._ways()
        )

    def require(self, what: str, **values: str | None) -> None:
        """Raise NotFound unless `allows(**values)`; `what` such as `award a1`."""
        if not self.allows(**values):
            raise NotFound(f"there is no {what}")

    def filter(
        self,
        *,
        program: str | None = None,
        organisation: str | None = None,
        district: str | None = None,
        student: str | None = None,
    ) -> dict[str, Any]:
        """A MongoDB filter of the rows within reach; the arguments name fields.

        Put it beside a caller's own filter with `within`, never by merging the two. Program and
        organisation must be fields of one thing: over an array of subdocuments they could be
        met by different elements.
        """
        if self.everything:
            return {}
        fields = {"program": program, "organisation": organisation, "district": district, "student": student}
        ways = [
            {str(fields[name]): {"$in": sorted(allowed)} for name, allowed in way.items()}
            for way in self._ways()
            if all(fields[name] for name in way)
        ]
        return {"$or": ways} if ways else dict(NOTHING)

    def within(self, where: Mapping[str, Any], **fields: str | None) -> dict[str, Any]:
        """The caller's own filter and the reach, both: whatever `where` holds, it cannot widen."""
        return {"$and": [dict(where), self.filter(**fields)]}

    def _ways(self) -> Iterator[dict[str, Collection[str]]]:
        """Per kind of rows, which values are within reach by field; one without limits is not named."""
        who = self.who
        if Rows.OWN_PROGRAMS in self.rows:
            yield _limits(program=who.programs, organisation=who.campuses)
        if Rows.OWN_CAMPUSES in self.rows:
            yield _limits(organisation=who.campuses)
        if Rows.OWN_DISTRICTS in self.rows:
            yield _limits(district=who.districts)
        if Rows.SELF in self.rows and who.student_id:
            yield {"student": {who.student_id}}


def _limits(**claimed: frozenset[str]) -> dict[str, Collection[str]]:
    return {name: values for name, values in claimed.items() if ALL_OF_THEM not in values}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, on the route they are asking."""

    who: Identity
    reach: Reach

    def require_everything(self, what: str) -> None:
        """Raise Forbidden for a change of what belongs to all districts, unless the caller reaches all."""
        if not self.reach.everything:
            raise Forbidden(
                f"{what} counts in every district",
                works="a token with all districts (*) may change it",
                code="beyond_reach",
            )

    @property
    def sub(self) -> str:
        return self.who.sub

    @property
    def roles(self) -> frozenset[Role]:
        return self.who.roles

    @property
    def programs(self) -> frozenset[str]:
        return self.who.programs

    @property
    def campuses(self) -> frozenset[str]:
        return self.who.campuses

    @property
    def districts(self) -> frozenset[str]:
        return self.who.districts

    @property
    def student_id(self) -> str | None:
        return self.who.student_id


class Doors:
    """An app's table of access, the verifier of its tokens and the limits of callers; kept on `app.state.doors`."""

    def __init__(self, access: Access, public: Collection[str], verifier: Verifier, rates: Rates) -> None:
        self.access = access
        self.public = frozenset(public)
        self.verifier = verifier
        self.rates = rates
        # By what a token claims and the operation. The verifier gives the same claims for a token only while it still
        # holds: what is remembered here ends with them.
        self._callers: dict[tuple[int, str], tuple[Mapping[str, Any], Caller]] = {}

    def check(self, app: FastAPI) -> None:
        """Raise ValueError unless every route is public or stands in the table, and the table is true."""
        named = [str(route.unique_id) for route in routes_of(app) if is_operation(route)]
        operations = set(named)
        others = {str(route.name) for route in routes_of(app) if not is_operation(route)}
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"{app.title}: several routes are named {', '.join(twice)}; give each its operation_id")
        unlisted = sorted((operations - self.access.keys() - self.public) | (others - self.public))
        if unlisted:
            raise ValueError(f"{app.title}: no access is given to {', '.join(unlisted)}; add them to ACCESS")
        unknown = sorted(self.access.keys() - operations)
        if unknown:
            raise ValueError(f"{app.title}: ACCESS names {', '.join(unknown)}, which no route is")
        both = sorted(self.access.keys() & self.public)
        if both:
            raise ValueError(f"{app.title}: {', '.join(both)} cannot be public and in ACCESS")

    async def admit(self, request: Request) -> Caller | None:
        """The caller, or None on a public route. Raise Unauthenticated, TooOften or Forbidden."""
        if ADMITTED not in request.scope:
            request.scope[ADMITTED] = await self._let_in(request)
        caller: Caller | None = request.scope[ADMITTED]
        return caller

    async def _let_in(self, request: Request) -> Caller | None:
        operation = operation_of(request.scope)
        if operation in self.public:
            return None
        caller = self._caller(await self.verifier.verified(token_of(request)), operation)
        meant(request, caller.sub)
        await self.rates.admit(caller.sub, feed=Role.SERVICE in caller.roles)
        if not caller.reach.rows:
            held = ", ".join(sorted(caller.roles)) or "no role"
            needed = ", ".join(sorted(self.access.get(operation, {}))) or "nobody"
            raise Forbidden(f"{operation} is open to {needed}, and this token has {held}", code="not_open")
        return caller

    def _caller(self, claims: Mapping[str, Any], operation: str) -> Caller:
        """Who claims this, with the rows that the operation opens to them. Raise Unauthenticated."""
        remembered, caller = self._callers.get((id(claims), operation), (None, None))
        if caller is None or remembered is not claims:
            who, opened = identity(claims), self.access.get(operation, {})
            caller = Caller(who, Reach(who, frozenset(opened[role] for role in who.roles if role in opened)))
            if len(self._callers) >= REMEMBERED:
                self._callers.clear()
            self._callers[id(claims), operation] = claims, caller
        return caller


def identity(claims: Mapping[str, Any]) -> Identity:
    """What verified claims say. Raise Unauthenticated when they are not of the form we read."""
    sub, student = claims.get("sub"), claims.get("student_id")
    if not isinstance(sub, str) or not sub:
        raise Unauthenticated("the token's sub is missing")
    if student is not None and not isinstance(student, str):
        raise Unauthenticated("the token's student_id must be text")
    known = {role.value for role in Role}
    return Identity(
        sub=sub,
        roles=frozenset(Role(role) for role in _texts(claims, "roles") & known),
        programs=_texts(claims, "programs"),
        campuses=_texts(claims, "campuses"),
        districts=_texts(claims, "districts"),
        student_id=student,
    )


def _texts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    values = claims.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise Unauthenticated(f"the token's {name} must be a list of texts")
    return frozenset(values)


async def admitted(request: Request) -> Caller | None:
    """Refuse by default: the first thing that happens on every route."""
    doors: Doors = request.app.state.doors
    return await doors.admit(request)


async def current_caller(request: Request) -> Caller:
    """Who is asking. Raise Unauthenticated on a route that is public and asks all the same."""
    caller = await admitted(request)
    if caller is None:
        raise Unauthenticated("this route needs a caller and is listed as public")
    return caller


# Dependencies are async, even those that wait for nothing: FastAPI sends any other to a thread
# and back, which cost more than the rest of a request.
CurrentCaller = Annotated[Caller, Depends(current_caller)]
