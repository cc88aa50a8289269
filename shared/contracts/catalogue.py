"""Every fact that exists on the wire, by its CloudEvents type."""

from shared.contracts import credentials, roster
from shared.contracts.envelope import Fact

BY_SERVICE: dict[str, tuple[type[Fact], ...]] = {
    "roster": roster.FACTS,
    "credentials": credentials.FACTS,
}
BY_TYPE: dict[str, type[Fact]] = {fact.type_name(): fact for facts in BY_SERVICE.values() for fact in facts}
BY_KIND: dict[str, type[Fact]] = {fact.kind: fact for fact in BY_TYPE.values()}
