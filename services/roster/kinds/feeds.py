"""A source's feed changes the organisations that it made or that are mapped to it, and only names others. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from services.roster.identity.people import State
from services.roster.kinds.terms import terms_of, with_told
from services.roster.values import Organisation, Source
from shared.errors import Conflict

# Why a source names an organisation: its feed made it, a person said so, or id, type and name agreed.
How = Literal["made", "mapped", "named"]
IdentifierIs = Literal["local_id", "state_id"]
# Fields of a record that begin with _ are shown by routes of their own, and are in no fact.
NAMED_BY = "_sources"
# What no source has a word for, and what a whole region's numbers hang on: a person sets it, and no feed changes it.
NEVER_FED = ("cted", "central_campus", "satellite_campus")


class FedOrganisation(Organisation):
    """An organisation as a source tells of it, and by what right; `named` only notes that the source means it.

    `adopts`: the record was made by this very source before such things were noted.
    """

    source: str
    sourced_id: str
    how: How = "made"
    adopts: bool = False

    @property
    def link(self) -> dict[str, str]:
        return {"source": self.source, "sourced_id": self.sourced_id, "how": self.how}


def names_of(state: State) -> Sequence[Mapping[str, str]]:
    """The sources that name an organisation: `source`, `sourced_id` and `how` of each."""
    found: Sequence[Mapping[str, str]] = state.get(NAMED_BY, ())
    return found


def kept_organisation(record_id: str, body: Organisation, stored: State | None) -> dict[str, Any]:
    """The state that a body comes to, with its terms and the names that sources have for it.

    Raise Conflict for a feed's that the feed may not change.
    """
    names = names_of(stored or {})
    if not isinstance(body, FedOrganisation):
        plain_state = with_told(body.model_dump(mode="json"), terms_of(stored or {}))
        return with_names(plain_state, names) if stored and NAMED_BY in stored else plain_state
    mine = next((each for each in names if _pair(each) == (body.source, body.sourced_id)), None)
    if body.how == "named":
        return with_names(stored or {}, names if mine else [*names, body.link])
    if stored is not None and stored["type"] in NEVER_FED:
        raise Conflict(
            f"organisation {record_id} is a {spoken(stored['type'])}, which no feed changes",
            works="leave it out",
            code="never_fed",
        )
    if stored is not None and not body.adopts and (mine is None or mine["how"] == "named"):
        raise Conflict(
            f"organisation {record_id} is not one of {body.source}'s own",
            works=mapping(record_id, body),
            code="another_source",
        )
    plain = body.model_dump(mode="json", exclude={"source", "sourced_id", "how", "adopts"})
    return with_names(with_told(plain, terms_of(stored or {})), names if mine else [*names, body.link])


def mapped(names: Sequence[Mapping[str, str]], wanted: Iterable[Source]) -> list[dict[str, str]]:
    """The names of an organisation as a person gives them; what a feed made stays marked as made."""
    made = {_pair(each) for each in names if each["how"] == "made"}
    pairs = sorted({(each.source, each.sourced_id) for each in wanted})
    return [{"source": one, "sourced_id": id, "how": "made" if (one, id) in made else "mapped"} for one, id in pairs]


def without(names: Sequence[Mapping[str, str]], pairs: Collection[tuple[str, str]]) -> list[Mapping[str, str]]:
    """The names that are left when some mean another organisation."""
    return [each for each in names if _pair(each) not in pairs]


def with_names(state: State, names: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The state with these names; an empty list says that no source means the organisation."""
    return {**state, NAMED_BY: sorted((dict(each) for each in names), key=_pair)}


def mapping(organisation: str, pair: FedOrganisation | Source) -> str:
    """The request by which a person says that a source means an organisation, in words."""
    return (
        f"if both are one, a data manager of all districts says so once: PUT /v1/organisations/{organisation}/sources "
        f'with {{"source": "{pair.source}", "sourced_id": "{pair.sourced_id}"}} among its sources'
    )


def spoken(kind: str) -> str:
    """A type of organisation as a person says it."""
    return kind.replace("_", " ")


def folded(code: str) -> str:
    """A source's code without case and spaces: by these alone no two sources are told apart."""
    return "".join(code.casefold().split())


def _pair(name: Mapping[str, str]) -> tuple[str, str]:
    return name["source"], name["sourced_id"]
