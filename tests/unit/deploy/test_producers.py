"""The one list of services, and everything beside it that must agree with it."""

from deploy.local.processes import ROOT
from shared.contracts.catalogue import BY_SERVICE
from shared.producer.producers import PRODUCERS, SERVICES
from tests.contracts.examples import EXAMPLES

NAMES = {one.name for one in SERVICES}


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
