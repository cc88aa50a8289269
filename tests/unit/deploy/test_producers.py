"""The one list of services, and everything beside it that must agree with it."""

import pytest
import yaml

from deploy.cli.looking import parts
from deploy.local import stack, state
from deploy.local.processes import ROOT
from shared.contracts.catalogue import BY_SERVICE
from shared.producer.producers import INSIGHTS, PRODUCERS, SERVICES
from tests.contracts.examples import EXAMPLES
from tests.faults import ground
from tests.security import worlds

NAMES = {one.name for one in SERVICES}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# What every service is started with, whatever its own block adds.
TOLD = COMPOSE["x-environment"]
# What a block of a service says for itself; all else is that of x-service, with the image's own health check.
OWN = {"command", "environment", "ports"}


def test_every_folder_of_a_service_has_its_entry_and_the_reverse():
    folders = {main.parent.name for main in (ROOT / "services").glob("*/main.py")}

    assert folders == NAMES
    assert len(SERVICES) == len(NAMES), "a name is there twice"


def test_no_two_services_want_one_port():
    assert len({one.port for one in SERVICES}) == len(SERVICES)


def test_who_follows_whom_is_in_the_list_and_nobody_follows_themselves():
    for one in SERVICES:
        assert set(one.follows) <= {other.name for other in PRODUCERS} - {one.name}


def test_a_producer_publishes_the_kinds_that_its_contract_has():
    assert {one.name: set(one.kinds) for one in PRODUCERS} == {
        service: {fact.kind for fact in facts} for service, facts in BY_SERVICE.items()
    }


def test_a_producer_tells_the_kinds_of_subject_that_its_facts_are_filed_under():
    told: dict[str, set[str]] = {}
    for subject, fact, _ in EXAMPLES.values():
        told.setdefault(fact.service, set()).add(subject.partition("/")[0])

    assert {one.name: set(one.subjects) for one in PRODUCERS} == told


def test_the_local_stack_starts_every_service_where_the_list_says():
    assert tuple(one.name for one in SERVICES) == state.SERVICES
    assert {one.name: one.port for one in SERVICES}.items() <= stack.PREFERRED.items()


def test_status_shows_of_every_producer_how_far_it_has_published():
    assert all(parts.SHOWN[one.name] is parts.PRODUCER for one in PRODUCERS)


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_compose_runs_every_service_alike_at_the_port_of_the_list(service):
    block = COMPOSE["services"][service.name]

    assert block["command"] == [f"services.{service.name}"]
    assert block["ports"] == [f"127.0.0.1:{service.port}:8000"]
    assert TOLD.items() <= block["environment"].items()
    assert block.items() >= {name: said for name, said in COMPOSE["x-service"].items() if name not in OWN}.items()
    assert block.keys() <= COMPOSE["x-service"].keys() | OWN, "and with the image's own health check"


def test_compose_runs_no_service_that_the_list_does_not_have():
    run = {name for name, block in COMPOSE["services"].items() if str(block.get("command", "")).count("services.")}

    assert run == NAMES


def test_the_commands_in_compose_find_every_service_that_has_an_api():
    told = COMPOSE["services"]["aurora"]["environment"]

    for one in (*PRODUCERS, INSIGHTS):
        assert told[f"AURORA_{one.name.upper()}_URL"] == f"http://{one.name}:8000"


def test_every_service_is_put_under_faults_and_every_one_with_an_api_is_asked_by_strangers():
    assert {name.partition("-")[0] for name in ground.SERVICES} == NAMES
    assert worlds.SERVICES.keys() == {one.name for one in (*PRODUCERS, INSIGHTS)}


def test_every_service_with_routes_is_held_to_its_openapi_document():
    fuzzed = "".join(path.read_text() for path in (ROOT / "tests/integration").rglob("*openapi*.py"))

    assert [one.name for one in (*PRODUCERS, INSIGHTS) if f'running("{one.name}"' not in fuzzed] == []
