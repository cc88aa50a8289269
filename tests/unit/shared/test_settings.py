"""What a service is told, and what it refuses to be told."""

import pytest
from pydantic import ValidationError

from shared.process.settings import Settings


def test_where_it_runs_is_said_and_never_guessed(monkeypatch):
    monkeypatch.delenv("AURORA_ENVIRONMENT")

    with pytest.raises(ValidationError, match="environment"):
        Settings()


def test_networks_that_are_none_are_refused():
    with pytest.raises(ValidationError, match="AURORA_METRICS_NETWORKS"):
        Settings(environment="local", metrics_networks="everybody")
