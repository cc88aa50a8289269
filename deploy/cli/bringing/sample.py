"""`aurora sample`: a district that does not exist, loaded through the public APIs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.cli.bringing import token
from deploy.cli.running import AsJson, address_of
from deploy.cli.screen import beside, fail, out, print_json
from deploy.local import state
from shared.doors.roles import Role

if TYPE_CHECKING:
    from deploy.sample.load import Loaded, Made

SEED = 7


class Size(StrEnum):
    """How much of the sample district is loaded."""

    THIRD = "third"
    FULL = "full"


EVERY = {Size.THIRD: 3, Size.FULL: 1}  # so many-th student is in it
OfSize = Annotated[Size, typer.Option("--size", help="A third of the district's students, or the full district.")]


def sample(
    size: OfSize = Size.THIRD,
    seed: Annotated[int, typer.Option(help="Another number makes another district.")] = SEED,
    folder: Annotated[
        Path | None, typer.Option(help="Where the files are written; .local/sample/<size> when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the sample district's files and load them into the running stack; twice changes nothing."""
    loaded = load(made(folder or folder_of(size), size, seed))
    if as_json:
        print_json(loaded.rows)
        return
    out.print(f"Loaded {sum(loaded.rows.values()):,} rows from {len(loaded.rows)} files.")
    for line in loaded.told:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def folder_of(size: Size) -> Path:
    """Where the files of this size lie."""
    return state.default_folder() / "sample" / size


def made(folder: Path, size: Size, seed: int = SEED) -> "Made":
    """The sample's files, written into the folder."""
    from deploy.sample.load import make  # noqa: PLC0415 (only this command needs it)

    return make(folder, seed=seed, every=EVERY[size])


def there_since(size: Size) -> datetime | None:
    """When the district of this size, or the full one, was loaded to its end; None when it is not there."""
    from deploy.sample.load import loaded_on  # noqa: PLC0415 (only this command needs it)

    url, bearer = address_of("roster"), token.given_or_local(Role.SERVICE)
    found = (loaded_on(folder_of(each), roster_url=url, token=bearer) for each in dict.fromkeys((size, Size.FULL)))
    return next((since for since in found if since), None)


def load(sample: "Made") -> "Loaded":
    """Load the sample with a bar for each file; a message and exit code 1 when a row is refused."""
    from deploy.sample.load import SERVICES, send  # noqa: PLC0415 (only this command needs it)
    from deploy.sample.sending import NotLoaded  # noqa: PLC0415 (only this command needs it)

    urls = {name: address_of(name) for name in SERVICES}
    try:
        with _bars() as bars:
            return send(sample, urls=urls, token=token.given_or_local(Role.SERVICE), progress=bars)
    except NotLoaded as refusal:
        fail(f"the sample was not loaded: {refusal}")


class Bars:
    """A bar for each thing that is loaded, made when it is first heard of."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.bars: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self.bars:
            self.bars[what] = self.progress.add_task(what, total=total)
        self.progress.update(self.bars[what], completed=done, total=total)


@contextmanager
def _bars() -> Iterator[Bars]:
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=beside) as progress:
        yield Bars(progress)
