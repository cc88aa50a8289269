"""`python -m tests.faults.other_release WHICH MODULE` runs a service as another release of it would be.

`newer`: its events have fields that this release does not know. `older`: they lack every optional
field that says nothing, as events do that were written before the field was thought of.
`fewer-topics`: it knows nothing of the topic that was added last.
"""

import runpy
import sys
from typing import Any

import msgspec

from shared.contracts import catalogue, envelope

ONLY_NEWER = "said_since_the_next_release"
NEWEST_TOPIC = "family_touchpoints"
# By kind a field that was added when events of that kind were out already.
ONLY_SINCE = {"student": "logged_as", "demographics": "logged_as", "award": "renews"}


class Written:
    """Encodes what is published the way another release would."""

    def __init__(self, change: Any) -> None:
        self._change = change

    def encode(self, said: msgspec.Struct) -> bytes:
        return msgspec.json.encode(self._change(said))


def newer(said: Any) -> Any:
    """All that this release says, and more, at every level."""
    state = getattr(said, "state", None)
    whole = msgspec.to_builtins(said) | {ONLY_NEWER: {"deep": [1, None]}}
    if state is not None:
        whole["state"] |= {ONLY_NEWER: "x", f"{ONLY_NEWER}_on": "2031-01-01"}
    return whole


def older(said: Any) -> Any:
    """What this release says, but for optional fields that hold nothing but their default."""
    whole = msgspec.to_builtins(said)
    state = getattr(said, "state", None)
    if state is not None:
        for field in msgspec.structs.fields(state):
            if not field.required and getattr(state, field.name) == default_of(field):
                del whole["state"][field.encode_name]
    return whole


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def become(which: str) -> None:
    """Make this process one of that release; before anything of the service is imported."""
    if which == "fewer-topics":
        del catalogue.BY_SERVICE[NEWEST_TOPIC]
    else:
        envelope.ENCODER = Written({"newer": newer, "older": older}[which])  # type: ignore[assignment]


if __name__ == "__main__":
    which, module = sys.argv[1:3]
    del sys.argv[1:]
    become(which)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
