"""The roster answers as its OpenAPI document says, whatever is sent."""

import httpx

from shared.doors import local_key
from tests.openapi_fuzzing import findings
from tests.processes import running


def test_nothing_is_found(mongo_settings, keys, tmp_path):
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["data_manager"], "districts": ["*"]})
    with running("roster", mongo_settings, tmp_path / "roster.log") as service:
        found = findings(service.url, token, tmp_path, without=["import_oneroster"])
        document = httpx.get(f"{service.url}/openapi.json").json()

    assert not found, found
    assert [operation for operation in _operations(document) if not _has_example(document, operation)] == []


def _operations(document):
    """Every operation that takes a JSON body."""
    for path in document["paths"].values():
        for operation in path.values():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                yield operation


def _has_example(document, operation):
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return bool(document["components"]["schemas"][name].get("examples"))
