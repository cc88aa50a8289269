"""While a measure is counted anew, the version shown of it is the one that every partition has counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.aggregator.domain.catalogue import key_and_version
from services.aggregator.domain.measures import Measure
from shared.words.said import said


@dataclass(frozen=True, slots=True)
class Defined:
    """Which versions of each measure are counted; while no partition number has any, the present ones are shown.

    `whole` gives the versions of each measure whose cells are whole in every partition number,
    `done` in how many (of `partitions`) its present version is.
    """

    partitions: int = 0
    whole: Mapping[str, frozenset[int]] = field(default_factory=dict)
    done: Mapping[str, int] = field(default_factory=dict)

    def version(self, measure: Measure) -> int | None:
        """The version shown: the present one when all of it is counted, else the newest such; None: there is none."""
        whole = self.whole.get(measure.key, frozenset())
        if not self.partitions or measure.version in whole:
            return measure.version
        return max(whole, default=None)

    def shown(self, measures: Iterable[Measure]) -> list[Measure]:
        """The measures, each in the version that is shown of it; one of which none can be shown yet is left out."""
        versions = [(measure, self.version(measure)) for measure in measures]
        return [
            measure if measure.version == version else replace(measure, version=version)
            for measure, version in versions
            if version is not None
        ]

    def why_still(self, measure: Measure) -> str:
        """Why the number stands still, for who reads it; empty when it does not."""
        shown = self.version(measure)
        if shown == measure.version:
            return ""
        far = {"done": self.done.get(measure.definition, 0), "all": self.partitions}
        if shown is None:
            return said("this is being counted for the first time: %(done)s of %(all)s parts are done", **far)
        return said(
            "this is still counted by definition %(shown)s, without news, until %(next)s is counted: "
            "%(done)s of %(all)s parts are done",
            shown=shown,
            next=measure.version,
            **far,
        )


AS_DEFINED = Defined()


def defined_by(places: Iterable[Mapping[str, Any]]) -> Defined:
    """Read it from the stored places; a partition that was never written to lacks nothing."""
    begun = [place for place in places if place["turn"]]
    if not begun:
        return AS_DEFINED
    done: dict[str, int] = {}
    complete: dict[str, int] = {}
    for place in begun:
        counted = set(place.get("definitions", ()))
        for definition in counted:
            done[definition] = done.get(definition, 0) + 1
        for definition in counted.union(place.get("standing", ())):
            complete[definition] = complete.get(definition, 0) + 1
    whole: dict[str, frozenset[int]] = {}
    for definition, number in complete.items():
        if number == len(begun):
            key, version = key_and_version(definition)
            whole[key] = whole.get(key, frozenset()) | {version}
    return Defined(len(begun), whole, done)
