"""What a service could not tell of, beside how far the counts reach."""

from datetime import UTC, datetime

import pytest

from services.insights.numbers.freshness import Freshness, Withheld, withheld_from
from services.insights.pages.words import freshness
from shared.pages.texts import languages

NINE, TEN = datetime(2025, 10, 14, 16, 12, tzinfo=UTC), datetime(2025, 10, 14, 17, 12, tzinfo=UTC)
SERVICES = {"t-roster": "roster", "t-credentials": "credentials"}


def noted(topic, through, held=0, since=None):
    return {"topic": topic, "through": through, "held": held, "held_since": since}


@pytest.mark.parametrize(
    ("progress", "found"),
    [
        pytest.param([noted("t-roster", TEN), noted("t-credentials", TEN)], (), id="nothing"),
        pytest.param([{"topic": "t-roster", "through": TEN}], (), id="noted by an earlier release"),
        pytest.param(
            [noted("t-credentials", TEN, 2, NINE), noted("t-roster", TEN)],
            (Withheld("credentials", 2, NINE),),
            id="two records",
        ),
        pytest.param(
            [noted("t-roster", TEN), noted("t-roster", NINE, 1, NINE)], (), id="out again, as the latest says"
        ),
        pytest.param(
            [noted("t-roster", NINE), noted("t-roster", TEN, 1, TEN)],
            (Withheld("roster", 1, TEN),),
            id="held back since, as the latest says",
        ),
        pytest.param([noted("t-other", TEN, 1, NINE)], (), id="a topic that nobody reads"),
    ],
)
def test_the_latest_heartbeat_of_a_service_says_what_it_holds_back(progress, found):
    assert withheld_from(progress, SERVICES) == found


@pytest.mark.parametrize(
    ("language", "withheld", "said"),
    [
        pytest.param("en", (), "", id="nothing"),
        pytest.param(
            "en",
            (Withheld("credentials", 2, NINE),),
            ". 2 records of credentials have been held back since 14 Oct, 09:12",
            id="two, on the district's clock",
        ),
        pytest.param(
            "es",
            (Withheld("roster", 1, NINE),),
            ". 1 registro de roster está retenido desde el 14 oct, 09:12",
            id="one, in Spanish",
        ),
    ],
)
def test_the_line_that_says_how_fresh_the_numbers_are_names_what_is_missing(language, withheld, said):
    plain = freshness(languages()[language], Freshness(TEN, 1.0), "America/Phoenix")

    assert freshness(languages()[language], Freshness(TEN, 1.0, withheld=withheld), "America/Phoenix") == plain + said
