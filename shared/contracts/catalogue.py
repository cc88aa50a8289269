"""Every fact that exists on the wire, by its CloudEvents type."""

from collections.abc import Callable, Iterable

from shared.contracts import credentials, family_touchpoints, roster
from shared.contracts.envelope import Fact

BY_SERVICE: dict[str, tuple[type[Fact], ...]] = {
    "roster": roster.FACTS,
    "credentials": credentials.FACTS,
    "family_touchpoints": family_touchpoints.FACTS,
}


def by_name(facts: Iterable[type[Fact]], name_of: Callable[[type[Fact]], str]) -> dict[str, type[Fact]]:
    """The facts by a name that only one of them may have. Raise ValueError when two have it."""
    found: dict[str, type[Fact]] = {}
    for fact in facts:
        other = found.setdefault(name_of(fact), fact)
        if other is not fact:
            both = f"{other.service}'s {other.__name__} and {fact.service}'s {fact.__name__}"
            raise ValueError(f"{both} are both called {name_of(fact)}; a kind is one service's alone, rename one")
    return found


FACTS = [fact for facts in BY_SERVICE.values() for fact in facts]
BY_TYPE: dict[str, type[Fact]] = by_name(FACTS, lambda fact: fact.type_name())
# A record says its kind alone: whose it is follows from it.
BY_KIND: dict[str, type[Fact]] = by_name(FACTS, lambda fact: fact.kind)
