"""How well an award is confirmed, and when somebody should look again."""

from datetime import date

import pytest

from services.credentials.award.looks import (
    LEVELS,
    Look,
    confirmed_by,
    how_sure,
    reaches,
    set_right,
    to_follow_up,
    with_look,
)


def look(level, outcome="confirmed", day=1, **more):
    return Look(level=level, verified_on=date(2025, 6, day), outcome=outcome, **more)


def test_the_levels_stand_from_the_students_word_to_a_signature():
    assert LEVELS == ("self_reported", "document_seen", "issuer_lookup", "issuer_feed", "cryptographic")
    assert [reaches(level, "issuer_lookup") for level in LEVELS] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("looks", "why"),
    [
        pytest.param([], "nobody has confirmed it", id="nobody looked"),
        pytest.param([look("self_reported")], "it rests only on the student's own word", id="the student's word"),
        pytest.param([look("document_seen")], "it rests only on a document that was seen", id="a document"),
        pytest.param([look("issuer_lookup")], None, id="the issuer's own list"),
        pytest.param([look("cryptographic")], None, id="a stronger one"),
        pytest.param(
            [look("issuer_lookup", "not_found", 2)],
            "a look-up with the issuer did not find it on 2025-06-02",
            id="not found",
        ),
        pytest.param([look("issuer_lookup", "not_found", 1), look("issuer_lookup", day=2)], None, id="found later"),
        pytest.param(
            [look("issuer_lookup", day=1), look("issuer_feed", "not_found", 2)],
            "the issuer's own list did not find it on 2025-06-02",
            id="not found any more",
        ),
        pytest.param(
            [look("issuer_lookup", day=1), look("document_seen", "not_found", 2)], None, id="a weaker look says nothing"
        ),
        pytest.param(
            [look("issuer_lookup", day=1), look("issuer_feed", "not_found", 1)],
            "the issuer's own list did not find it on 2025-06-01",
            id="of one day the stronger",
        ),
    ],
)
def test_when_somebody_should_look_again(looks, why):
    assert to_follow_up(looks, "issuer_lookup") == why


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        pytest.param([], "not confirmed yet", id="nobody looked"),
        pytest.param([look("issuer_feed", "not_found")], "not confirmed yet", id="not found"),
        pytest.param(
            [look("document_seen"), look("self_reported")],
            "not confirmed by a third party, it rests on a document that was seen",
            id="a document",
        ),
        pytest.param(
            [look("issuer_lookup"), look("issuer_feed")], "confirmed by the issuer's own list", id="a third party"
        ),
    ],
)
def test_how_sure_an_award_is_in_words(looks, words):
    assert how_sure(looks) == words


def test_the_same_look_of_two_people_is_one_and_keeps_who_looked_first():
    first, second = look("issuer_lookup", by="ann"), look("issuer_lookup", by="bob")

    assert with_look([first], second) == (first,)
    assert set_right([first], [second, look("document_seen", by="bob")]) == (first, look("document_seen", by="bob"))
    assert with_look([first], look("issuer_lookup", method="by phone", by="bob"))[1].method == "by phone"
    assert confirmed_by([look("issuer_feed", "not_found"), look("document_seen")]) == "document_seen"
