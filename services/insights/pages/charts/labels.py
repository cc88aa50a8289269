"""Labels are placed so that they stay inside a chart and cover neither each other nor a dot, nor a line if they can."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]

# How wide a character is, in parts of the font's size: as in the widest of the fonts that a page may come out in.
WIDTHS = {".": 0.34, ",": 0.34, " ": 0.34, "-": 0.4, "–": 0.64, "%": 0.97}
WIDEST = 0.66
# Of a line of text, in parts of the font's size: how far it reaches above and below its baseline.
ABOVE, BELOW = 0.8, 0.22
AIR = 2.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box", air: float = 0.0) -> bool:
        """Whether less than `air` lies between the two."""
        return (
            self.left < other.right + air
            and other.left < self.right + air
            and self.top < other.bottom + air
            and other.top < self.bottom + air
        )

    def within(self, other: "Box") -> bool:
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A text and where its baseline begins, ends or has its middle."""

    text: str
    x: float
    y: float
    size: float = 12.0
    anchor: Anchor = "middle"

    @property
    def box(self) -> Box:
        width = width_of(self.text, self.size)
        left = self.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return Box(left, self.y - ABOVE * self.size, left + width, self.y + BELOW * self.size)


def width_of(text: str, size: float) -> float:
    """How wide a text may come out at most."""
    return size * sum(WIDTHS.get(one, WIDEST) for one in text)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where labels may stand: within `field`, never on what is `taken`, and on `lines` only if they must."""

    field: Box
    taken: Sequence[Box] = ()
    lines: Sequence[Box] = ()


def placed(wanted: Iterable[Sequence[Label]], ground: Ground) -> list[Label | None]:
    """Each label at the first of its places that is free; labels wanted first choose first.

    A place on a line is taken only where no other is free; None: there is no place at all. The very first
    stands in any case, over a dot if it must.
    """
    found: list[Label | None] = []
    taken = list(ground.taken)
    for places in wanted:
        inside = [one for one in places if one.box.within(ground.field)]
        free = [one for one in inside if not _met(one.box, taken, AIR)] or (inside if not found else [])
        chosen = next((one for one in free if not _met(one.box, ground.lines)), free[0] if free else None)
        found.append(chosen)
        taken += [chosen.box] if chosen else []
    return found


def _met(box: Box, others: Iterable[Box], air: float = 0.0) -> bool:
    return any(box.meets(other, air) for other in others)


def around(text: str, x: float, y: float, away: float, size: float = 12.0) -> Iterator[Label]:
    """Places for a label: above a dot, below it, then one and two lines further off."""
    for further in (0.0, size + AIR, 2 * (size + AIR)):
        yield Label(text, x, y - away - BELOW * size - further, size)
        yield Label(text, x, y + away + ABOVE * size + further, size)
