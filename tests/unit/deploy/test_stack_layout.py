"""Ports, folders and settings of a local stack."""

import socket

import pytest

from deploy.local import ports
from deploy.local.stack import PREFERRED, Stack, laid_out, moved_ports
from deploy.local.state import environment
from shared.process.settings import Settings
from shared.producer.producers import PRODUCERS


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind((ports.LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_somebody_listens_on_is_passed_over(taken_port):
    assert not ports.free(taken_port)
    assert ports.next_free(taken_port) > taken_port


def test_a_port_already_promised_to_another_part_is_passed_over():
    first = ports.any_free()

    assert ports.next_free(first, {first}) > first


def test_one_port_in_use_moves_one_part_and_to_no_place_that_another_part_wants(monkeypatch, tmp_path):
    monkeypatch.setattr("deploy.local.stack.free", lambda port: port != PREFERRED["roster"])
    monkeypatch.setattr(ports, "free", lambda _: True)

    stack = laid_out(tmp_path)

    assert moved_ports(stack) == {"roster": (PREFERRED["roster"], stack.ports["roster"])}
    assert stack.ports["roster"] not in PREFERRED.values()


@pytest.fixture
def stack(tmp_path):
    return Stack(tmp_path, PREFERRED)


def test_a_service_reads_from_its_environment_what_the_stack_means(stack, monkeypatch):
    meant = stack.settings("insights")
    for name, value in environment(meant).items():
        monkeypatch.setenv(name, value)

    assert Settings() == meant


def test_everything_is_on_loopback(stack):
    addresses = [stack.address(name) for name in ("kafka", "mongo", "roster", "insights", "gateway")]

    assert all(ports.LOOPBACK in address for address in addresses)
    assert stack.settings("roster").http_host == ports.LOOPBACK


def test_the_gateway_knows_where_the_services_are_and_no_service_knows_of_another(stack):
    upstreams = stack.gateway.upstreams

    producers = [one.name for one in PRODUCERS]
    assert upstreams == {name: f"{ports.LOOPBACK}:{PREFERRED[name]}" for name in (*producers, "insights")}
    own = environment(stack.settings("insights"))
    assert not any(str(PREFERRED[name]) in str(value) for name in producers for value in own.values())


@pytest.mark.parametrize(
    ("told", "address"),
    [
        pytest.param("", "http://127.0.0.1:8000", id="of this machine"),
        pytest.param("aurora.example", "https://aurora.example", id="a name"),
        pytest.param("http://aurora.example:8000", "http://aurora.example:8000", id="as it is written"),
    ],
)
def test_users_have_one_address(tmp_path, monkeypatch, told, address):
    monkeypatch.setenv("AURORA_ADDRESS", told)
    monkeypatch.setattr("deploy.local.stack.free", lambda _: True)

    assert laid_out(tmp_path).address("gateway") == address


def test_a_production_setting_of_the_caller_does_not_reach_the_local_stack(stack, monkeypatch):
    monkeypatch.setenv("AURORA_ENVIRONMENT", "prod")

    assert stack.settings("roster").environment == "local"
