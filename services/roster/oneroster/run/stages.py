"""Progress runs through both stages of an import and all its turns, and never goes back. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stages:
    """How far an import is: checking is the first half, applying the second; `reached` is an earlier turn's."""

    reached: int = 0
    total: int = 0
    _lines: int = 0
    _applying: bool = False
    _to_do: int = 0
    _rows: int = 0

    def begin(self, lines: int) -> None:
        """Begin to check so many rows."""
        self._lines, self.total = lines, 2 * lines

    def second(self, to_do: int) -> None:
        """Begin to apply so many rows."""
        self._applying, self._to_do, self._rows = True, to_do, 0

    def further(self, rows: int) -> None:
        """Note that so many rows more are done in this stage."""
        self._rows += rows

    def end(self) -> None:
        """Note that all is done."""
        self.reached = self.total

    @property
    def done(self) -> int:
        """How far it is, of `total`."""
        here = self._rows
        if self._applying:
            here = self._lines + (self._lines * self._rows // self._to_do if self._to_do else 0)
        most = self.total if self._applying else self._lines
        self.reached = max(self.reached, min(here, most))
        return min(self.reached, self.total)
