"""What the header of every page offers to whoever looks at it."""

from dataclasses import dataclass

from fastapi import Request

from services.insights.api.measures import ACCESS
from shared.doors.auth import Caller


@dataclass(frozen=True, slots=True)
class Header:
    """Whether the viewer may look for a student by name, and bring files in.

    `alone`, the page was not asked through the gateway: no other service is at its address then.
    """

    finds: bool = False
    imports: bool = False
    alone: bool = False


def header_of(request: Request) -> Header:
    """Nothing for who is not signed in, or has no page but one that says so."""
    caller: Caller | None = getattr(request.state, "caller", None)
    alone = "x-forwarded-host" not in request.headers
    if caller is None:
        return Header(alone=alone)
    opened = {name: bool(ACCESS[name].keys() & caller.roles) for name in ("student_page", "imports_page")}
    return Header(finds=opened["student_page"], imports=opened["imports_page"], alone=alone)
