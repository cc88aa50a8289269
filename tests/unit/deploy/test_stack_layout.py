"""Ports, folders and settings of a local stack."""

import socket

import pytest

from deploy.local import ports
from deploy.local.stack import PREFERRED, Stack, laid_out, moved_ports
from deploy.local.state import environment
from shared.process.settings import Settings


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
    addresses = [stack.address(name) for name in ("kafka", "mongo", "roster", "insights")]

    assert all(ports.LOOPBACK in address for address in addresses)
    assert stack.settings("roster").http_host == ports.LOOPBACK


def test_the_pages_and_roster_know_of_each_other_and_nobody_else_does(stack):
    assert stack.settings("insights").roster_public_url == stack.address("roster")
    assert stack.settings("roster").pages_origin == stack.address("insights")
    assert stack.settings("credentials").pages_origin == stack.address("insights")
    assert stack.settings("insights").credentials_public_url == stack.address("credentials")
    assert stack.settings("aggregator").pages_origin == ""


def test_a_production_setting_of_the_caller_does_not_reach_the_local_stack(stack, monkeypatch):
    monkeypatch.setenv("AURORA_ENVIRONMENT", "prod")

    assert stack.settings("roster").environment == "local"
