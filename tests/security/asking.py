"""Every request that a service's own description says it takes, about whom a test names."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import FastAPI

METHODS = ("get", "put", "post", "patch", "delete")
# What the id behind a word of an address is one of; a parameter with a name of its own stands for itself.
OF_SEGMENT = {
    "organisations": "campus",
    "programs": "program",
    "students": "student",
    "persons": "student",
    "persons/conflicts": "conflict",
    "enrolments": "enrolment",
    "completions": "completion",
    "outcomes": "outcome",
    "awards": "award",
    "assessments": "assessment",
    "awards/batch": "award_batch",
    "assessments/batch": "assessment_batch",
    "imports": "import",
    "transfers": "transfer",
    "touchpoints": "touchpoint",
    "workshops": "workshop",
    "roll": "attendance",
    "rules": "rule",
    "guardians": "guardian",
    "surveys": "survey",
    "survey-responses": "response",
    "survey-tallies": "tally",
    "links": "link",
}
OF_PARAMETER = {
    "source": "source",
    "code": "credential",
    "alias": "source_id",
    "key": "measure",
    "school_year": "school_year",
    "channel": "channel",
    "about": "about",
    "version": "survey_version",
    "token": "token",
}
# How operations are named that answer a list: under somebody else's id it may rightly be empty.
LISTS = ("list_", "import_", "export_", "read_")
# Whom a field of a body is about.
OF_FIELD = {
    "student_id": "student",
    "other": "student",
    "student": "student",
    "students": "student",
    "program_id": "program",
    "organisation_id": "campus",
    "school_id": "campus",
    "parent_id": "district",
    "credential_code": "credential",
    "award_id": "award",
    "renews": "award",
    "student_ids": "student",
    "program_ids": "program",
    "organisation_ids": "campus",
    "guardian_id": "guardian",
    "guardian_ids": "guardian",
    "same_as": "walk_in",
    "survey_id": "survey",
    "workshop_id": "workshop",
}


# What is looked for where an address cannot do without it.
OF_QUERY = {"search": "Marked"}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request, ready to be sent with somebody's token."""

    operation: str
    method: str
    path: str
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    about_one: bool = False

    @property
    def reads(self) -> bool:
        return self.method == "get"

    def without(self, header: str) -> "Asking":
        headers = {name: value for name, value in self.headers.items() if name != header}
        return replace(self, headers=headers)


class NotDescribed(Exception):
    """A route has something that these tests do not know how to fill in."""


def askings(app: FastAPI, who: Mapping[str, str], tables: Mapping[str, str]) -> list[Asking]:
    """One request for each operation that needs a caller.

    `who` gives ids by what they are of; `tables` the text of a CSV body by operation. Raise
    NotDescribed for a route that needs more: say in this file or beside the world what it is.
    """
    public = app.state.doors.public
    return [one for one in _all(app.openapi(), who, tables) if one.operation not in public]


def _all(document: Mapping[str, Any], who: Mapping[str, str], tables: Mapping[str, str]) -> Iterator[Asking]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                content, kind = _body(document, operation, who, tables)
                headers = {"Idempotency-Key": f"security-{operation['operationId']}", "If-Match": '"1"'}
                named = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
                headers = {name: value for name, value in headers.items() if name.lower() in named}
                if kind:
                    headers["Content-Type"] = kind
                address = filled(path, who) + _query(path, operation)
                yield Asking(operation["operationId"], method, address, content, headers, _about_one(path, operation))


def with_query(path: str, query: str) -> str:
    """The address with more behind the `?`."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _query(path: str, operation: Mapping[str, Any]) -> str:
    """What the address cannot do without behind the `?`."""
    asked = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query" and one.get("required")]
    for name in asked:
        if name not in OF_QUERY:
            raise NotDescribed(f"{path}: say in tests/security/asking.py what to ask for as {name}")
    return "?" + "&".join(f"{name}={OF_QUERY[name]}" for name in asked) if asked else ""


def _about_one(path: str, operation: Mapping[str, Any]) -> bool:
    """Whether the request asks for one thing by its id; a list under an id may rightly be empty."""
    return "{" in path and not str(operation["operationId"]).startswith(LISTS)


def filled(path: str, who: Mapping[str, str]) -> str:
    """The address with somebody's ids in it."""
    parts: list[str] = []
    for part in path.split("/"):
        found = re.fullmatch(r"\{(\w+)\}(\.\w+)?", part)
        if found is None:
            parts.append(part)
            continue
        last_two = "/".join(parts[-2:])
        of = OF_PARAMETER.get(found[1]) or OF_SEGMENT.get(last_two) or OF_SEGMENT.get(parts[-1])
        if of is None:
            raise NotDescribed(f"{path}: say in tests/security/asking.py what {part} is an id of")
        parts.append(who[of] + (found[2] or ""))
    return "/".join(parts)


def _body(
    document: Mapping[str, Any], operation: Mapping[str, Any], who: Mapping[str, str], tables: Mapping[str, str]
) -> tuple[bytes | None, str]:
    content = operation.get("requestBody", {}).get("content", {})
    name = str(operation["operationId"])
    if "application/json" in content:
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        example = document["components"]["schemas"][name]["examples"][0]
        return json.dumps(about(example, who)).encode(), "application/json"
    if "text/csv" in content:
        if name not in tables:
            raise NotDescribed(f"{name}: give a CSV body for it in tests/security/worlds.py")
        return tables[name].format(**who).encode(), "text/csv"
    if "application/zip" in content:
        return b"no zip at all", "application/zip"
    if content:
        raise NotDescribed(f"{name} takes {', '.join(content)}: say in tests/security/asking.py what to send")
    return None, ""


def about(example: Any, who: Mapping[str, str]) -> Any:
    """An example's body with somebody's ids where it names a student, a program, a place."""
    if isinstance(example, dict):
        return {
            name: _named(value, who[OF_FIELD[name]]) if name in OF_FIELD else about(value, who)
            for name, value in example.items()
        }
    return [about(one, who) for one in example] if isinstance(example, list) else example


def _named(example: Any, id: str) -> Any:
    """The id where the example has one, or a list of some."""
    return [_named(one, id) for one in example] if isinstance(example, list) else id if example else example
