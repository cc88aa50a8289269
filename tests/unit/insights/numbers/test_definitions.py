"""Which definition a board shows while another one is being counted."""

from dataclasses import replace

import pytest

from services.aggregator.domain.measures import BY_KEY
from services.insights.numbers.definitions import defined_by

TWO = replace(BY_KEY["W1.headline"], version=2)


def place(*definitions, standing=(), turn=5):
    return {"turn": turn, "definitions": list(definitions), "standing": list(standing)}


NEW, HALF = place("W1.headline|2", standing=["W1.headline|1"]), place(standing=["W1.headline|1"])


@pytest.mark.parametrize(
    ("places", "shown", "said"),
    [
        pytest.param([], 2, "", id="nothing was ever counted"),
        pytest.param([NEW, NEW], 2, "", id="the new one is whole"),
        pytest.param([NEW, place("W1.headline|2")], 2, "", id="the old one is swept away in part"),
        pytest.param([NEW, place("W1.headline|1")], 1, "1 of 2 parts are done", id="an old release counts a part"),
        pytest.param([NEW, HALF, HALF], 1, "1 of 3 parts are done", id="a recount is under way"),
        pytest.param([NEW, place(turn=0)], 2, "", id="a part without events lacks nothing"),
        pytest.param([place("W1.headline|3")] * 2, 3, "by definition 3", id="this page is older than what is counted"),
        pytest.param([place("W1.headline|2"), place()], None, "for the first time: 1 of 2", id="it is new"),
        pytest.param([{"turn": 4}], None, "for the first time", id="an older release never said what it counted"),
    ],
)
def test_the_present_definition_is_shown_once_it_is_whole_and_until_then_the_one_that_stands(places, shown, said):
    defined = defined_by(places)

    assert defined.version(TWO) == shown
    assert said in defined.why_still(TWO)
    assert bool(said) == bool(defined.why_still(TWO))
