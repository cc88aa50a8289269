"""The OpenAPI document, completed: problems, security and who may call what."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from shared.doors.auth import Doors
from shared.doors.carried import COOKIE
from shared.web.conditions import NEEDED
from shared.web.problems import MEDIA_TYPE, SLUGS, TITLES

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457: what went wrong and what would work.",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:aurora:problem:{slug}" for slug in SLUGS.values()]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "In words, with what would work."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer into the body, or /query/..., /path/..., /header/...",
                        "examples": ["/rows/3/student_id"],
                    },
                    "detail": {"type": "string"},
                    "what_would_work": {"type": "string"},
                    "code": {"type": "string", "description": "The kind of trouble, for programs; it never changes."},
                },
            },
        },
        "existing": {"type": "string", "description": "409: the id of the record that stands in the way."},
    },
}
SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "RS256 or ES256."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The same token; it writes for our pages only.",
    },
}
METHODS = ("get", "put", "post", "patch", "delete", "head")


def complete(app: FastAPI, doors: Doors) -> None:
    """Make `app.openapi()` answer the completed document."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        if "Problem" not in document.get("components", {}).get("schemas", {}):
            _complete(document, doors)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any], doors: Doors) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = SCHEMES
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                _complete_operation(path, method, item[method], doors)


def _complete_operation(path: str, method: str, operation: dict[str, Any], doors: Doors) -> None:
    public = operation["operationId"] in doors.public
    opened = doors.access.get(operation["operationId"], {})
    operation["security"] = [] if public else [{"token": []}, *([{"cookie": []}] if method == "get" else [])]
    if opened:
        who = ", ".join(f"{role} ({rows.value})" for role, rows in opened.items())
        operation["description"] = f"{operation.get('description', '')}\n\nOpen to: {who}.".strip()
    for parameter in operation.get("parameters", ()):
        _complete_parameter(parameter)
    answers = operation.setdefault("responses", {})
    for status in sorted(_problems_of(path, method, operation, public=public)):
        words = answers.get(str(status), {}).get("description", "")
        answers[str(status)] = _problem_answer(status, "" if words == "Validation Error" else words)
    for status, answer in answers.items():
        if status.isdigit() and int(status) >= 400 and MEDIA_TYPE not in answer.get("content", {}):
            answers[status] = _problem_answer(int(status), answer.get("description", ""))


def _complete_parameter(parameter: dict[str, Any]) -> None:
    """A parameter is there or not, never null; one that we ask for in our own words is required."""
    schema = parameter.get("schema", {})
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema.update(options[0])
    if schema.pop(NEEDED, False):
        parameter["required"] = True


def _problems_of(path: str, method: str, operation: Mapping[str, Any], *, public: bool) -> set[int]:
    parameters = {str(one["name"]).lower() for one in operation.get("parameters", ())}
    found = {500} if public else {401, 403, 422, 429, 500, 503}
    if "{" in path:
        found |= {404, 422}
    if parameters:
        found |= {400, 422}
    if "requestBody" in operation:
        found |= {400, 404, 413, 415, 422}
    if method in ("put", "post", "patch", "delete"):
        found |= {400, 409, 413}
    if "if-match" in parameters:
        found |= {412, 428}
    return found


def _problem_answer(status: int, words: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": words or TITLES.get(status, "The request was not done"),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "Bearer"}}
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds to wait."}}
    return answer
