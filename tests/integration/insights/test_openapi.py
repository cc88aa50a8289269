"""Insights answers as its OpenAPI document says, whatever is sent."""

from shared.doors import local_key
from tests.openapi_fuzzing import findings
from tests.processes import running


def test_nothing_is_found(still, keys, tmp_path) -> None:
    token = local_key.sign(keys, {"sub": "fuzzer", "roles": ["leader"], "districts": ["*"]})
    with running("insights", still, tmp_path / "insights.log") as service:
        # A stream does not end: what it answers is tested apart.
        found = findings(service.url, token, tmp_path, without=["stream_counts"])

    assert not found, found
