"""The commands of `aurora`, each in a file of its own; a command's file is read when it is asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import typer
from typer import main as typer_main
from typer.core import TyperGroup

# By name: its room and file under deploy/cli and what is in it, and the line that `aurora --help` shows.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": (
        "stack.up",
        "Start Kafka, MongoDB and every service, and keep them running; what already runs stays as it is.",
    ),
    "down": ("stack.down", "End everything that `aurora up` started; the data stays."),
    "status": (
        "looking.status.status",
        "Show every part: is it alive and ready, and how far behind. Exit code 1 unless all is ready.",
    ),
    "logs": (
        "looking.logs.logs",
        "Show the last lines of each part's log; those of the services are JSON, one document a line.",
    ),
    "token": ("bringing.token.token", "Print a bearer token, and nothing else."),
    "sample": (
        "bringing.sample.sample",
        "Make the sample district's files and load them into the running stack; twice changes nothing.",
    ),
    "import": (
        "bringing.importing.import_file",
        "Bring a file in. Exit code 0: all rows; 1: some rows were refused; 2: nothing was applied.",
    ),
    "doctor": (
        "looking.doctor.doctor",
        "Look at everything the local stack needs. Exit code 1 when something needed is missing.",
    ),
    "demo": (
        "bringing.demo.demo",
        "Start everything, load the sample district, print the board and where its page is. It stays up.",
    ),
    "audit": (
        "mending.audit.audit",
        "Recount everything from the stored facts, and compare these with the services' own records.",
    ),
    "recount": (
        "mending.recount.recount",
        "Count from the stored facts anew while counting goes on, and show every cell that differed.",
    ),
    "republish": (
        "mending.republish.republish",
        "Have a service's records published again, behind its live writes. Its relay does it as soon as it can.",
    ),
    "erase": (
        "mending.erase.erase",
        "Erase a student: every service's records with their histories, what files left, names, and all facts.",
    ),
    "parked": ("mending.parked.app", "Records that could not be counted: list, show, replay, discard."),
}


class Deferred(TyperGroup):
    """Lists every command from the table above, and reads the file of the one that is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if found and name else found, rest


def loaded(name: str) -> Any:
    """The command of this name, with all that it needs."""
    file, _, inside = COMMANDS[name][0].rpartition(".")
    found = getattr(import_module(f"deploy.cli.{file}"), inside)
    if isinstance(found, typer.Typer):
        return typer_main.get_command(found)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(found)
    return typer_main.get_command(alone)


def _named(name: str) -> Callable[[], None]:
    def listed() -> None:
        raise LookupError(f"{name} is run by its own file")

    return listed


app = typer.Typer(
    name="aurora",
    help="Run Aurora on this machine, look at it, and bring data into it.",
    no_args_is_help=True,
    cls=Deferred,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command, (_, said) in COMMANDS.items():
    app.command(command, help=said)(_named(command))

if __name__ == "__main__":
    app()
