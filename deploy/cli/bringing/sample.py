"""`aurora sample`: a district that does not exist, loaded through the public APIs."""

from collections.abc import Iterator
from contextlib import contextmanager
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
    from deploy.sample.load import Loaded

SEED = 7


def sample(
    seed: Annotated[int, typer.Option(help="Another number makes another district.")] = SEED,
    folder: Annotated[
        Path | None, typer.Option(help="Where the files are written; .local/sample when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the sample district's files and load them into the running stack; twice changes nothing."""
    loaded = load(folder or state.default_folder() / "sample", seed)
    if as_json:
        print_json(loaded.rows)
        return
    out.print(f"Loaded {sum(loaded.rows.values()):,} rows from {len(loaded.rows)} files.")
    for line in loaded.told:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def load(folder: Path, seed: int = SEED) -> "Loaded":
    """Load the sample with a bar for each file; a message and exit code 1 when a row is refused."""
    from deploy.sample.load import NotLoaded, run  # noqa: PLC0415 (only this command needs it)

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _bars() as bars:
            return run(
                roster_url=address_of("roster"),
                credentials_url=address_of("credentials"),
                token=token.given_or_local(Role.SERVICE),
                folder=folder,
                progress=bars,
                seed=seed,
            )
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
