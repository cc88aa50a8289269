"""Everything that a service is told from outside is read here once, frozen, with units in the names."""

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

STUCK_AFTER_SECONDS = 120.0  # longer than any wait of ours for MongoDB or Kafka, which time out by themselves
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class Settings(BaseSettings):
    """What every service reads from `AURORA_...` variables; the first six are all it needs.

    Raises pydantic's ValidationError, naming the variable, when a value cannot be used or
    would be unsafe in production.
    """

    model_config = SettingsConfigDict(env_prefix="AURORA_", frozen=True, extra="ignore")

    kafka_bootstrap_servers: str = "127.0.0.1:9092"
    mongo_url: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65535)
    jwks: str = Field(default=".local/keys/jwks.json", description="a file, or an https URL")
    # Never guessed: a service in production that nobody told so would be one whose cookies and keys are a toy's.
    environment: Literal["local", "prod"]

    mongo_driver: Literal["motor", "pymongo"] = "motor"
    database_prefix: str = "aurora"
    topic_prefix: str = "aurora-"
    token_issuer: str = "aurora"
    token_audience: str = "aurora"
    token_leeway_seconds: int = 60
    jwks_refresh_seconds: float = 300.0

    request_max_bytes: int = 1 << 20
    requests_per_minute: int = Field(default=1_200, ge=0, description="of one caller, per process; 0: no limit")
    feed_requests_per_minute: int = Field(default=0, ge=0, description="the same, of one with the role service")
    import_max_bytes: int = 64 << 20
    mongo_timeout_seconds: float = 10.0
    stuck_after_seconds: float = Field(default=STUCK_AFTER_SECONDS, gt=0, description="then a wedged process ends")

    relay_batch_records: int = 2000
    relay_sweep_seconds: float = 0.25
    relay_lease_seconds: float = 5.0
    heartbeat_seconds: float = 2.0
    projection_wait_seconds: float = 5.0

    batch_max_records: int = 2000
    batch_wait_seconds: float = 0.05
    cache_max_subjects: int = 50_000
    parked_in_a_row: int = Field(default=25, ge=1, description="so many of one log stop it instead of being parked")
    parked_of_a_hundred: int = Field(default=20, ge=1, le=100, description="more of a log's last 100 stop it too")
    audit_share: float = Field(default=0.02, ge=0, le=1, description="of a core, for the standing audit; 0: none")

    follow_up_after_days: int = Field(default=30, ge=0, le=3660, description="an award that nobody has confirmed")

    metrics_networks: str = Field(
        default="127.0.0.0/8, ::1/128", description="who may read /metrics: networks, with commas between them"
    )

    stale_after_seconds: float = 60.0
    stream_poll_seconds: float = 0.2
    streams_of_one: int = Field(default=10, ge=1, description="live pages of one subject, per process")
    streams_of_all: int = Field(default=300, ge=1, description="live pages of everybody, per process")

    def database(self, service: str) -> str:
        """The name of a service's own database."""
        return f"{self.database_prefix}_{service}"

    def topic(self, service: str) -> str:
        """The topic that a service publishes to."""
        return f"{self.topic_prefix}{service}"

    @cached_property
    def jwks_is_url(self) -> bool:
        return self.jwks.startswith(("https://", "http://"))

    def reads_metrics(self, address: str) -> bool:
        """Whether a client of this address may read the metrics."""
        try:
            return any(ip_address(address) in network for network in self._networks())
        except ValueError:
            return False

    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(one.strip()) for one in self.metrics_networks.split(",") if one.strip())

    @model_validator(mode="after")
    def networks_that_are_some(self) -> Self:
        try:
            self._networks()
        except ValueError as error:
            raise ValueError(f"AURORA_METRICS_NETWORKS: {error}; write networks as 10.0.0.0/8, with commas") from error
        return self

    @model_validator(mode="after")
    def nothing_local_in_production(self) -> Self:
        if self.environment != "prod":
            return self
        for name, value in (("MONGO_URL", self.mongo_url), ("KAFKA_BOOTSTRAP_SERVERS", self.kafka_bootstrap_servers)):
            if any(host in value for host in LOCAL_HOSTS):
                raise ValueError(f"AURORA_{name} must name the real servers when AURORA_ENVIRONMENT=prod")
        if self.jwks.startswith("http://"):
            raise ValueError("AURORA_JWKS must be an https URL or a file when AURORA_ENVIRONMENT=prod")
        if not self.jwks_is_url and not Path(self.jwks).exists():
            raise ValueError(f"AURORA_JWKS: there is no file {self.jwks}")
        return self
