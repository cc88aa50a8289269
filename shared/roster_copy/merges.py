"""Which person became which: ids that mean one human, followed to the one that survives. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Merges:
    """`into` gives, by the id of a merged person, the id that it was merged into, which may be merged itself."""

    into: Mapping[str, str] = field(default_factory=dict)

    def survivor(self, person: str) -> str:
        """The person that the id means now. Of a circle, which no rule allows, always the same one."""
        walked = [person]
        while (above := self.into.get(walked[-1])) is not None:
            if above in walked:
                return min(walked[walked.index(above) :])
            walked.append(above)
        return walked[-1]

    def together(self, person: str) -> list[str]:
        """Every id that means the same person as this one, the survivor's first."""
        survivor = self.survivor(person)
        merged = [each for each in self.into if each != survivor and self.survivor(each) == survivor]
        return [survivor, *sorted(merged)]

    def all_together(self, persons: Iterable[str]) -> list[str]:
        """These ids and every other that means one of the same persons."""
        asked = set(persons)
        if not self.into:
            return sorted(asked)
        meant = {self.survivor(each) for each in asked}
        return sorted(asked | meant | {each for each in self.into if self.survivor(each) in meant})
