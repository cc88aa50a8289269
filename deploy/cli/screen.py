"""How the commands speak: data on standard output, everything said along the way on standard error."""

import json
import time
from typing import Any, NoReturn

import typer
from rich.console import Console

out = Console()
beside = Console(stderr=True)


def print_json(data: Any) -> None:
    """Data for a program: one JSON document, nothing else on standard output."""
    typer.echo(json.dumps(data, indent=2))


def fail(why: str, *, code: int = 1) -> NoReturn:
    """Say why on standard error and end with this exit code."""
    beside.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


class Steps:
    """Says each step with the seconds since the start."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.said = ""

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.began

    def tell(self, step: str) -> None:
        if step != self.said:
            self.said = step
            beside.print(f"{self.elapsed:6.1f} s  {step}", markup=False, highlight=False, soft_wrap=True)
