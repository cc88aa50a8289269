"""`aurora demo`: everything started, the sample district loaded, and the board to look at."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from deploy.cli.asking import asked, client_of
from deploy.cli.bringing import sample, token
from deploy.cli.looking import board
from deploy.cli.running import users_address
from deploy.cli.screen import Steps, beside, fail, out
from deploy.cli.stack import bring_up
from deploy.gateway.caddyfile import BY_PATH
from deploy.local import state
from shared.doors.roles import Role

COUNTED_SECONDS = 180.0
LOOK_SECONDS = 0.25


def demo(size: sample.OfSize = sample.Size.THIRD) -> None:
    """Start everything, load the sample district, print the board and where its page is. It stays up."""
    steps = Steps()
    scoreboard = counted(_loaded_on(size, steps))
    steps.tell("everything is counted")
    out.print(board.pictured(scoreboard))
    _farewell(steps)


def _loaded_on(size: sample.Size, steps: Steps) -> datetime:
    """When the district was loaded: a while ago if it is there. Else its files are made while the stack starts."""
    folder = sample.folder_of(size)
    with ThreadPoolExecutor(1) as beside_it:
        making = None if folder.exists() else beside_it.submit(sample.made, folder, size)
        bring_up(steps)
        if since := sample.there_since(size):
            steps.tell("the sample district is there already")
            return since
        loaded = sample.load(making.result() if making else sample.made(folder, size))
    for line in loaded.told:
        steps.tell(line)
    if loaded.rows:
        steps.tell(f"{sum(loaded.rows.values()):,} rows of the sample district are in; counting the last of them")
    return datetime.now(UTC)


def counted(loaded_at: datetime) -> dict[str, Any]:
    """The scoreboard once it includes all that was written before this moment."""
    deadline = time.monotonic() + COUNTED_SECONDS
    with client_of("insights", token.make(state.default_folder(), Role.LEADER)) as client:
        while True:
            found: dict[str, Any] = asked(client, "GET", "/v1/scoreboard", params={"plan": "aurora"}).json()
            through = found["counted_through"]
            if through and datetime.fromisoformat(through) >= loaded_at:
                return found
            if time.monotonic() > deadline:
                fail(f"not everything was counted after {COUNTED_SECONDS:g} s: see `aurora status`, `aurora logs`")
            time.sleep(LOOK_SECONDS)


def _farewell(steps: Steps) -> None:
    link = token.sign_in(token.make(state.default_folder(), Role.LEADER))
    out.print(f"\nThe page, signed in as a leader:\n  {link}", soft_wrap=True, highlight=False)
    out.print("\nA token for the API:          .venv/bin/aurora token --role service", highlight=False)
    for name, path in (("insights", ""), *((name, f"/{name}") for name in BY_PATH)):
        out.print(f"{f'The API of {name}:':<30}{users_address()}{path}/docs", highlight=False)
    out.print(
        "\nIt stays up. Stop it with `make down`, start it again with its data by `make up`.",
        highlight=False,
        soft_wrap=True,
    )
    beside.print(f"\n{steps.elapsed:.0f} s in all", highlight=False)
