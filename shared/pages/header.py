"""The header offers the same ways on every page, by the roles of whoever looks at it."""

from dataclasses import dataclass

from fastapi import Request

from shared.doors.auth import ADMITTED, COORDINATOR, COUNSELOR, DATA_MANAGER, INSTRUCTOR, LEADER, SERVICE, Caller
from shared.pages.languages import SIGN_IN, not_again, within

# To whom a page is offered. Who may open it is decided where it is: a role that is missing there meets a refusal.
FIND_STUDENTS = frozenset({LEADER, DATA_MANAGER, INSTRUCTOR, COORDINATOR, COUNSELOR, SERVICE})
IMPORT_FILES = frozenset({DATA_MANAGER})
LOG_CLASSES = frozenset({INSTRUCTOR, DATA_MANAGER})
CALL_FAMILIES = frozenset({INSTRUCTOR, COUNSELOR, COORDINATOR, DATA_MANAGER})


@dataclass(frozen=True, slots=True)
class Header:
    """Whether the viewer may look for a student by name, bring files in, log a class, and call families.

    `alone`: the page was not asked for through the gateway, and no other service is at its address.
    """

    finds: bool = False
    imports: bool = False
    logs: bool = False
    calls: bool = False
    alone: bool = False


def header_of(request: Request) -> Header:
    """Nothing for who is not signed in, or has no page but one that says so."""
    caller: Caller | None = request.scope.get(ADMITTED)
    alone = "x-forwarded-host" not in request.headers
    if caller is None:
        return Header(alone=alone)
    offered = (FIND_STUDENTS, IMPORT_FILES, LOG_CLASSES, CALL_FAMILIES)
    finds, imports, logs, calls = (bool(roles & caller.roles) for roles in offered)
    return Header(finds, imports, logs, calls, alone)


def address_of(request: Request, prefix: str = "") -> str:
    """Where the viewer is, to come back to after choosing a language; never an address that holds a token.

    `prefix` is the path that the gateway has taken away.
    """
    path = prefix + request.url.path
    if not_again(path):
        return SIGN_IN
    here = f"{path}?{request.url.query}" if request.url.query else path
    return here if within(here) else "/"
