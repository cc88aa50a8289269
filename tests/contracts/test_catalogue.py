"""Every kind of fact is one service's alone: its name says whose it is."""

import pytest

from shared.contracts.catalogue import BY_KIND, BY_TYPE, FACTS, by_name
from shared.contracts.envelope import Fact


class Award(Fact, kw_only=True, frozen=True):
    service = "elsewhere"
    kind = "award"


def test_every_fact_is_found_by_its_type_and_by_its_kind():
    assert set(BY_TYPE.values()) == set(BY_KIND.values()) == set(FACTS)
    assert len(FACTS) == len(set(FACTS))


def test_two_facts_of_one_name_are_refused_when_the_module_is_read():
    with pytest.raises(ValueError, match="credentials's Award and elsewhere's Award are both called award"):
        by_name([*FACTS, Award], lambda fact: fact.kind)


def test_one_fact_named_twice_is_one():
    assert by_name([Award, Award], lambda fact: fact.kind) == {"award": Award}
