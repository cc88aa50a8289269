"""`aurora logs`: what the parts of the stack have said, and go on saying."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.screen import fail, out
from deploy.local import processes, state

LOOK_SECONDS = 0.3


def logs(
    names: Annotated[list[str] | None, typer.Argument(help="Which parts; all of them when none is named.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines of each.")] = 20,
) -> None:
    """Show the last lines of each part's log; those of the services are JSON, one document a line."""
    folder = state.default_folder() / "logs"
    found = {log.stem: log for log in sorted(folder.glob("*.log"))}
    unknown = [name for name in names or () if name not in found]
    if unknown or not found:
        fail(f"no log of {', '.join(unknown) or 'anything'} here; there are: {', '.join(found) or 'none'}")
    chosen = {name: log for name, log in found.items() if not names or name in names}
    for name, log in chosen.items():
        _show(name, processes.last_lines(log, lines) if lines else "")
    if follow:
        _follow(chosen)


def _follow(chosen: dict[str, Path]) -> None:
    read_to = {name: log.stat().st_size for name, log in chosen.items()}
    try:
        while True:
            for name, log in chosen.items():
                read_to[name] = _show_new(name, log, read_to[name])
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        return


def _show_new(name: str, log: Path, start: int) -> int:
    """Show the whole lines after `start`; how far that was. A log begun anew is read from its beginning."""
    size = log.stat().st_size
    with log.open("rb") as file:
        file.seek(start if size >= start else 0)
        new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        _show(name, whole.decode(errors="replace").rstrip("\n"))
        return file.tell() - len(new) + len(whole)


def _show(name: str, text: str) -> None:
    for line in text.splitlines():
        out.print(f"{name:<12}", end=" ", style="cyan", highlight=False)
        out.print(line, markup=False, highlight=False, soft_wrap=True)
