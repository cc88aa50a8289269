"""`aurora token`: a token for this machine's stack, signed with the key made at set-up."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.running import AsJson, users_address
from deploy.cli.screen import fail, print_json
from deploy.local import state
from shared.doors.roles import ALL_OF_THEM, Role

Several = list[str] | None


def token(
    role: Annotated[Role, typer.Option(help="What the bearer is.")],
    program: Annotated[Several, typer.Option(help="Only this program; may be given again. All when left out.")] = None,
    campus: Annotated[Several, typer.Option(help="Only this campus; may be given again. All when left out.")] = None,
    district: Annotated[
        Several, typer.Option(help="Only this district; may be given again. All when left out.")
    ] = None,
    student: Annotated[str, typer.Option(help="The person id of a student who signs in.")] = "",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 30, help="How long it holds.")] = 8.0,
    link: Annotated[bool, typer.Option("--link", help="Print an address that signs a browser in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a bearer token, and nothing else."""
    if role is Role.STUDENT and not student:
        fail("a student's token names the student: add --student and the person id")
    signed = make(
        state.default_folder(), role, programs=program, campuses=campus, districts=district,
        student=student, hours=hours,
    )  # fmt: skip
    if as_json:
        print_json({"token": signed, "role": role.value, "hours": hours} | ({"link": sign_in(signed)} if link else {}))
    else:
        typer.echo(sign_in(signed) if link else signed)


def make(
    folder: Path,
    role: Role,
    *,
    programs: Several = None,
    campuses: Several = None,
    districts: Several = None,
    student: str = "",
    hours: float = 8.0,
) -> str:
    """A token of this machine; a list that is not given means all of them."""
    from shared.doors.local_key import make_key, sign  # noqa: PLC0415 (`--help` signs nothing)

    make_key(folder / "keys")
    claims: dict[str, Any] = {
        "sub": f"local-{role.value}" + (f"-{student}" if student else ""),
        "roles": [role.value],
        "programs": _all_unless(programs),
        "campuses": _all_unless(campuses),
        "districts": _all_unless(districts),
    }
    if student:
        claims["student_id"] = student
    return sign(folder / "keys", claims, int(hours * 3600))


def given_or_local(role: Role) -> str:
    """The token that AURORA_TOKEN holds, which another machine's services know; else one of this machine."""
    return os.environ.get("AURORA_TOKEN") or make(state.default_folder(), role)


def sign_in(signed: str) -> str:
    """The address of the pages that signs a browser in: good once, and for ten minutes."""
    from deploy.cli.asking import asked, client_of  # noqa: PLC0415 (a bare token needs no HTTP)

    pages = users_address()
    with client_of("insights", signed) as client:
        path: str = asked(client, "POST", "/v1/sign-in-links").json()["path"]
    return f"{pages.rstrip('/')}{path}"


def _all_unless(named: Sequence[str] | None) -> list[str]:
    return list(named) if named else [ALL_OF_THEM]
