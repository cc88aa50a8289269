"""The board as a table in the terminal: each goal, its rival readings, and the years beside each other."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Json = Mapping[str, Any]
STYLES = {"met": "green", "on_track": "green", "missed": "red", "off_track": "red", "stale": "yellow"}
READING = ("reading", "counted", "of", "share", "status", "to target", "open")
YEAR = ("school year", "counted", "of", "share", "status", "open")


def pictured(scoreboard: Json) -> RenderableType:
    """Everything that the scoreboard says."""
    return Group(*_parts(scoreboard))


def _parts(scoreboard: Json) -> Iterator[RenderableType]:
    through = scoreboard["counted_through"]
    counted = f"{datetime.fromisoformat(through).astimezone():%Y-%m-%d %H:%M:%S}" if through else "nothing yet"
    yield Text(f"As of {scoreboard['as_of']}; counted through {counted}")
    silent: dict[str, list[str]] = {}
    for goal in scoreboard["goals"]:
        if why := _silence(goal):
            silent.setdefault(why, []).append(goal["key"])
            continue
        sign = Text("  ≠ readings disagree", style="yellow") if goal["readings_disagree"] else Text()
        yield Text(f"\n{goal['key']}  {goal['title']}{_target(goal)}", style="bold") + sign
        yield Text(f"{goal['school_year']}: {goal['school_year_because']['words']}", style="dim")
        yield _table(READING, [_reading(reading) for reading in goal["readings"]])
        yield Text("\nThe headline in every school year")
        yield _table(YEAR, [_year(year) for year in goal["years"]])
    for why, keys in silent.items():
        yield Text(f"\n{why}: {', '.join(keys)}", style="dim")


def _silence(goal: Json) -> str:
    """Why there is no number to show, if there is none."""
    if not goal["readings"]:
        return "No measure yet"
    shown = any(reading["denominator"] for reading in goal["readings"])
    return "" if shown or goal["years"] else "Nobody to count yet"


def _reading(reading: Json) -> list[str | Text]:
    missing = reading["people_to_target"]
    number = [reading["label"], *_share(reading), _status(reading)]
    return [*number, "-" if missing is None else f"{missing:,}", _open(reading)]


def _target(goal: Json) -> str:
    """Words that follow a goal's title."""
    return f": target {goal['comparison']} {goal['target']}" if goal["target"] else ", without a target"


def _year(year: Json) -> list[str | Text]:
    return [year["school_year"], *_share(year), _status(year), _open(year)]


def _share(number: Json) -> list[str | Text]:
    return [f"{number['numerator']:,}", f"{number['denominator']:,}", _figure(number)]


def _figure(number: Json) -> str:
    """The share, or the median of a spread."""
    spread = number["spread"]
    if spread is None:
        return str(number["percent"])
    return f"median {spread['median']} {spread['unit']}" if spread["median"] is not None else "–"


def _open(number: Json) -> str:
    return "-" if number["open"] is None else f"{number['open']:,}"


def _status(number: Json) -> Text:
    return Text(number["status"].replace("_", " "), style=STYLES.get(number["status"], ""))


def _table(headings: tuple[str, ...], rows: list[list[str | Text]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in {"reading", "school year", "status"} else "right")
    for row in rows:
        table.add_row(*row)
    return table
