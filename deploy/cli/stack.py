"""`aurora up` and `aurora down`: the local stack, started and ended."""

from rich.table import Table

from deploy.cli.running import AsJson
from deploy.cli.screen import Steps, beside, fail, out, print_json
from deploy.local import daemon, state
from deploy.local.state import State


def up(as_json: AsJson = False) -> None:
    """Start Kafka, MongoDB and every service, and keep them running; what already runs stays as it is."""
    running = bring_up(Steps())
    if as_json:
        print_json({part.name: part.address for part in running.parts})
        return
    show_addresses(running)
    beside.print("`aurora status` shows how it is, `aurora down` ends it; its data stays.", highlight=False)


def down(as_json: AsJson = False) -> None:
    """End everything that `aurora up` started; the data stays."""
    try:
        ran = daemon.down(state.default_folder())
    except daemon.NotUp as trouble:
        fail(str(trouble))
    if as_json:
        print_json({"ended": ran})
    else:
        out.print("Everything has ended; the data stays." if ran else "Nothing was running.")


def bring_up(steps: Steps) -> State:
    """The running stack, or a message and exit code 1."""
    try:
        running = daemon.up(state.default_folder(), steps.tell)
    except daemon.NotUp as trouble:
        fail(str(trouble))
    steps.tell("every service is ready")
    return running


def show_addresses(running: State) -> None:
    """A line for each part."""
    table = Table(box=None, pad_edge=False)
    for heading in ("part", "address", "pid"):
        table.add_column(heading)
    for part in running.parts:
        table.add_row(part.name, part.address, str(part.pid))
    out.print(table)
