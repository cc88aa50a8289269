"""Days as spreadsheets write them are read where the package shows whether month or day comes first. Pure."""

import re
from dataclasses import dataclass
from datetime import date

SLASHED_CELL = re.compile(rb'(?:^|[,;\t"])(\d{1,2})/(\d{1,2})/\d{4}(?=[,;\t"\r]|$)')
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?Z?")


@dataclass(slots=True)
class Order:
    """Whether some date of the package can only be read with the month first, or only with the day first.

    One system writes all dates of a package the same way: `8/27/2024` in one row says what `8/1/2024`
    in another one means.
    """

    month_first: bool = False
    day_first: bool = False

    def look_at(self, line: bytes) -> None:
        """Note what the dates of a line show."""
        for first, second in SLASHED_CELL.findall(line):
            self.month_first |= int(second) > 12 >= int(first)
            self.day_first |= int(first) > 12 >= int(second)

    def day_of(self, written: str) -> str | None:
        """The day as YYYY-MM-DD; None when it is none, or when nobody can be sure which is meant."""
        if found := MIDNIGHT.fullmatch(written):
            return found[1]
        found = SLASHED.fullmatch(written)
        if found is None or self.month_first == self.day_first:
            return None
        month, day = (found[1], found[2]) if self.month_first else (found[2], found[1])
        try:
            return date(int(found[3]), int(month), int(day)).isoformat()
        except ValueError:
            return None
