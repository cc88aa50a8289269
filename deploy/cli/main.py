"""The commands of `aurora`, each in the file of its name."""

import typer

from deploy.cli import (
    audit,
    demo,
    doctor,
    erase,
    importing,
    logs,
    parked,
    recount,
    republish,
    sample,
    stack,
    status,
    token,
)

app = typer.Typer(
    name="aurora",
    help="Run Aurora on this machine, look at it, and bring data into it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(stack.up)
app.command("down")(stack.down)
app.command("status")(status.status)
app.command("logs")(logs.logs)
app.command("token")(token.token)
app.command("sample")(sample.sample)
app.command("import")(importing.import_file)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("audit")(audit.audit)
app.command("recount")(recount.recount)
app.command("republish")(republish.republish)
app.command("erase")(erase.erase)
app.add_typer(parked.app, name="parked")

if __name__ == "__main__":
    app()
