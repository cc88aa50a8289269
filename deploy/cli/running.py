"""Where the parts of this machine's stack answer, for every command that asks one of them."""

import os
from typing import Annotated

import typer

from deploy.cli.screen import fail
from deploy.local import state
from deploy.local.gateway import as_url
from deploy.local.state import State

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]


def running_stack(*, failing: int = 1) -> State:
    """The stack as it runs now, or a message that says how to start it and this exit code."""
    found = state.read(state.default_folder())
    if found is None or not found.running:
        fail("Nothing is running here: start it with `aurora up`.", code=failing)
    return found


def address_of(name: str, *, failing: int = 1) -> str:
    """Where a service answers: AURORA_ROSTER_URL and its like, else this machine's stack; or this exit code."""
    told = os.environ.get(f"AURORA_{name.upper()}_URL")
    if told:
        return told.rstrip("/")
    part = running_stack(failing=failing).part(name)
    if part is None:
        fail(f"{name} has not been started yet: `aurora status` shows how far it is.", code=failing)
    return part.address


def users_address() -> str:
    """The one address that users have: AURORA_ADDRESS, else where this machine's gateway answers."""
    told = os.environ.get("AURORA_ADDRESS")
    return as_url(told).rstrip("/") if told else address_of("gateway")
