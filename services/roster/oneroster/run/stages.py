"""How far an import is, through both of its stages and all of its turns: it never goes back. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stages:
    """Checking is the first half of the way, applying the second; `reached` is how far an earlier turn was."""

    reached: int = 0
    total: int = 0
    _lines: int = 0
    _applying: bool = False
    _to_do: int = 0
    _rows: int = 0

    def begin(self, lines: int) -> None:
        """So many rows are there to be checked."""
        self._lines, self.total = lines, 2 * lines

    def second(self, to_do: int) -> None:
        """All is checked, and so much is there to be applied."""
        self._applying, self._to_do, self._rows = True, to_do, 0

    def further(self, rows: int) -> None:
        """So many rows more are done in this stage."""
        self._rows += rows

    def end(self) -> None:
        """All is done."""
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
