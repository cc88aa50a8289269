"""What a release counts: its measures by definition, and which of them some kinds of fact wake."""

from collections.abc import Iterable, Sequence

from services.aggregator.domain.measures import MEASURES, Measure

Definitions = frozenset[str]  # such as W1.headline|2; W1.headline|-2 is a draft of it


class Catalogue:
    """The measures of a release, each as itself and as a draft."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = tuple(measures)
        self.definitions: Definitions = frozenset(measure.definition for measure in measures)
        self._all = (*self.measures, *(measure.draft for measure in self.measures))
        self._named: dict[Definitions, tuple[Measure, ...]] = {}
        self._woken: dict[tuple[frozenset[str], Definitions], tuple[Measure, ...]] = {}

    def named(self, definitions: Definitions) -> tuple[Measure, ...]:
        """The measures of these definitions, drafts included; one of another release is none of ours."""
        if definitions not in self._named:
            self._named[definitions] = tuple(one for one in self._all if one.definition in definitions)
        return self._named[definitions]

    def woken_by(self, kinds: frozenset[str], definitions: Definitions) -> tuple[Measure, ...]:
        """Of these definitions the measures that read some of these kinds: no other can change."""
        asked = (kinds, definitions)
        if asked not in self._woken:
            self._woken[asked] = tuple(one for one in self.named(definitions) if one.reads & kinds)
        return self._woken[asked]

    def of_keys(self, keys: Iterable[str]) -> Definitions:
        """The definitions of the measures with these keys."""
        wanted = frozenset(keys)
        return frozenset(measure.definition for measure in self.measures if measure.key in wanted)


CATALOGUE = Catalogue(MEASURES)


def draft_of(definition: str) -> str:
    """The name under which a definition is counted beside itself."""
    key, _, version = definition.rpartition("|")
    return f"{key}|-{version}"


def is_draft(definition: str) -> bool:
    """Whether it only stands beside what is shown, to be compared with it."""
    return definition.rpartition("|")[2].startswith("-")


def counted_as(definition: str) -> str:
    """The definition that a draft is a draft of; any other is itself."""
    key, _, version = definition.rpartition("|")
    return f"{key}|{version.removeprefix('-')}"


def key_and_version(definition: str) -> tuple[str, int]:
    """What its cells are filed under."""
    key, _, version = definition.rpartition("|")
    return key, int(version)
