"""The roster answers as its OpenAPI document says, whatever is sent."""

import httpx

from shared.doors import local_key
from tests.openapi_fuzzing import findings, without_example
from tests.processes import running


def test_nothing_is_found(mongo_settings, keys, tmp_path):
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["data_manager"], "districts": ["*"]})
    with running("roster", mongo_settings, tmp_path / "roster.log") as service:
        found = findings(service.url, token, tmp_path, without=["import_oneroster"])
        document = httpx.get(f"{service.url}/openapi.json").json()

    assert not found, found
    assert without_example(document) == []
