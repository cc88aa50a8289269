"""The alert rules: each names metrics that some service exports, who must act, and a heading that says how."""

import importlib
import re

import pytest
import yaml
from prometheus_client import REGISTRY

from deploy.local.processes import ROOT
from deploy.local.state import SERVICES

HERE = ROOT / "deploy" / "prometheus"
RULES = [rule for group in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
FROM_PROMETHEUS = {"up"}
# Of each process, by the client library itself, on Linux.
FROM_THE_CLIENT = {"process_start_time_seconds"}
WORDS = {"by", "on", "and", "or", "sum", "max", "min", "time", "absent", "increase", "rate", "changes", "offset"}


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """Every name that a metrics page may hold, with its labels, from the registries themselves."""
    for module in (
        "shared.process.metrics",
        *(f"services.{path.parent.name}.metrics" for path in (ROOT / "services").glob("*/metrics.py")),
    ):
        importlib.import_module(module)
    found: dict[str, set[str]] = {}
    for collector in set(REGISTRY._names_to_collectors.values()):
        labels = set(getattr(collector, "_labelnames", ()))
        for family in collector.collect():
            for suffix in ("", "_total", "_bucket", "_sum", "_count"):
                found[f"{family.name}{suffix}"] = labels
    return found


def names_in(expression: str) -> set[str]:
    without = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", " ", expression)
    without = re.sub(r"\b(by|on)\s*\([^)]*\)", " ", without)
    return set(re.findall(r"[a-z_][a-z0-9_]*[a-z_]", without)) - WORDS


def selectors_in(expression: str) -> list[tuple[str, set[str]]]:
    return [
        (name, set(re.findall(r"(\w+)\s*[=!]", inside)))
        for name, inside in re.findall(r"([a-z_]+)\{([^}]*)\}", expression)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_names_only_metrics_and_labels_that_are_exported(rule, exported):
    names = names_in(rule["expr"])
    assert names - FROM_PROMETHEUS - FROM_THE_CLIENT <= exported.keys()
    assert names, "a rule that looks at nothing"
    for name, labels in selectors_in(rule["expr"]):
        assert labels <= exported.get(name, set()) | {"job", "part", "instance"}, name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_says_who_acts_and_where_it_is_written_how(rule):
    assert rule["labels"]["severity"] in ("page", "day")
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor in {anchor_of(heading) for heading in headings}


@pytest.mark.parametrize(
    "rule", [one for one in RULES if one["labels"]["severity"] == "page"], ids=lambda r: r["alert"]
)
def test_nobody_is_woken_for_what_mends_itself(rule):
    """A killed process, an election or a broker's restart is over sooner than any of these."""
    waits = int(rule["for"].removesuffix("m")) if "for" in rule else 0
    over_time = [int(minutes) for minutes in re.findall(r"\[(\d+)m\]", rule["expr"])]
    assert max([waits, *over_time]) >= 2


def test_what_an_operator_must_hear_of_has_a_rule():
    watched = " ".join(rule["expr"] for rule in RULES)
    for metric in (
        "aggregator_drift", 'aggregator_partitions{state="stopped"}', "aggregator_seconds_behind",
        "relay_oldest_unpublished_seconds", "aggregator_parked_records", "relay_is_holder", "aggregator_lag_records",
        "aggregator_last_commit_timestamp_seconds", "relay_heartbeat_timestamp_seconds", "roster_imports_total",
        'http_requests_total{status=~"5.."', "process_start_time_seconds", "up{",
    ):  # fmt: skip
        assert metric in watched


def test_what_is_scraped_is_every_service_of_the_stack_and_the_gateway():
    config = yaml.safe_load((HERE / "prometheus.yml").read_text())
    [job] = config["scrape_configs"]
    assert (job["job_name"], job["metrics_path"]) == ("aurora", "/metrics")
    parts = {one["labels"]["part"]: one["targets"] for one in job["static_configs"]}
    assert parts == {name: [f"{name}:8000"] for name in SERVICES} | {"gateway": ["gateway:9180"]}
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert parts.keys() <= compose.keys()
    assert [HERE / name for name in config["rule_files"]] == [HERE / "alerts.yml"]
    assert "./deploy/prometheus:/etc/prometheus:ro" in compose["prometheus"]["volumes"]


def anchor_of(heading: str) -> str:
    """As a forge makes it of a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
