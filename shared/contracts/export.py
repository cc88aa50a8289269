"""The contracts as JSON Schema files, for readers in other languages: `python -m shared.contracts.export`."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import HEARTBEAT_TYPE, Event, Heartbeat

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> Iterator[tuple[str, str]]:
    """The name and the text of every schema file."""
    bodies: dict[str, Any] = {name: Event[fact] for name, fact in BY_TYPE.items()}  # type: ignore[valid-type]
    for name, body in {**bodies, HEARTBEAT_TYPE: Heartbeat}.items():
        schema = {"$schema": DIALECT, "$id": f"urn:aurora:contract:{name}", **_plain(msgspec.json.schema(body))}
        yield f"{name}.json", json.dumps(schema, indent=2) + "\n"


def _plain(schema: Any) -> Any:
    """The schema with descriptions unindented, and without the defaults that say nothing."""
    if isinstance(schema, dict):
        return {
            name: inspect.cleandoc(value) if name == "description" else _plain(value)
            for name, value in schema.items()
            if (name, value) != ("default", None)
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def export(folder: Path = FOLDER) -> None:
    """Write every schema, and remove the files of types that are no more."""
    folder.mkdir(exist_ok=True)
    written = dict(schemas())
    for old in folder.glob("*.json"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    export()
