"""`aurora erase`: a student removed everywhere, for good; what stays is that it was done, and under which ids."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from deploy.cli.reaching import done, settings_here
from deploy.cli.running import AsJson
from deploy.cli.screen import beside, fail, out, print_json
from deploy.repair.erasing import Asked, Erased, Erasing
from services.roster.erasing import Person
from shared import mongo
from shared.process.settings import Settings

T = TypeVar("T")

FOLLOWS = 2
STUDENT = "student/"


def erase(
    student: Annotated[str, typer.Argument(help="Whom: student/ID, by the id of any record of the person.")],
    reason: Annotated[str, typer.Option(help="Why, such as the number of the request; it is kept. No names in it.")],
    by: Annotated[str, typer.Option(help="Who decides; it is kept. The user of this machine when left out.")] = "",
    confirm: Annotated[str, typer.Option(help="The same student/ID again, instead of being asked for it.")] = "",
    wait: Annotated[float, typer.Option(help="So many seconds at most until all has heard of it.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Erase a student: every service's records with their histories, what files left, names, and all facts.

    Nothing brings it back. Exit code 0: it is done; 1: it was refused; 2: some of it still follows by itself.
    """
    id = student.removeprefix(STUDENT)
    if not student.startswith(STUDENT) or not id:
        fail(f"say whom as {STUDENT}ID")
    if not reason.strip():
        raise typer.BadParameter("say why: it is what the next reader has")
    settings = settings_here()
    person = done(lambda: _with(settings, lambda erasing: erasing.person(id)))
    if (confirm or _asked(person)) != student:
        fail("that is not the id that was named first; nothing was erased")
    asked = Asked(by.strip() or getpass.getuser(), reason.strip())

    def tell(said: str) -> None:
        beside.print(said, highlight=False)

    erased = done(lambda: _with(settings, lambda one: one.erase(person, asked, wait_seconds=wait, tell=tell)))
    _say(erased, as_json=as_json)
    raise typer.Exit(FOLLOWS if erased.follows else 0)


async def _with(settings: Settings, work: Callable[[Erasing], Awaitable[T]]) -> T:
    client = mongo.connect(settings)
    try:
        return await work(Erasing(client, settings))
    finally:
        await mongo.close(client)


def _asked(person: Person) -> str:
    others = f" (one person with {', '.join(person.ids[1:])})" if len(person.ids) > 1 else ""
    beside.print(f"{STUDENT}{person.ids[0]}{others} will be erased everywhere, for good.", highlight=False)
    answer: str = typer.prompt("Type the id again as you named it, such as student/ID", err=True)
    return answer.strip()


def _say(erased: Erased, *, as_json: bool) -> None:
    if as_json:
        print_json({"students": erased.ids, "erased": erased.erased, "follows": erased.follows})
        return
    for what, number in sorted(erased.erased.items()):
        out.print(f"{what}: {number:,}", highlight=False)
    for left in erased.follows:
        out.print(f"still to come: {left}; run the same command again to see the end of it", style="yellow")
    out.print(
        f"{', '.join(erased.ids)}: erased. The log of Kafka keeps events of opaque ids, codes and dates until they "
        "expire (30 days); copies of the databases keep all of it until they are destroyed.",
        highlight=False,
    )
