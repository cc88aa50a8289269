"""Which language a viewer gets, and where choosing one may lead."""

import pytest

from shared.pages.languages import asked_for, not_again, within

KNOWN = ("en", "es", "pt_BR")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param("", "en", id="nothing asked for"),
        pytest.param("es", "es", id="asked for"),
        pytest.param("es-MX, en;q=0.9", "es", id="of a country that has no catalogue of its own"),
        pytest.param("zh-Hant-TW, es-419-x-y;q=0.7", "es", id="of ever wider parts"),
        pytest.param("en;q=0.5, es;q=0.9", "es", id="by weight, not by place"),
        pytest.param("en-US,en;q=0.9,es;q=0.8", "en", id="English before Spanish"),
        pytest.param("fr-CA, es;q=0.1", "es", id="the first that is known"),
        pytest.param("es;q=0, fr", "en", id="not wanted at all"),
        pytest.param("es;q=0.0, en;q=0.1", "en", id="not wanted, in more digits"),
        pytest.param("*", "en", id="whatever there is"),
        pytest.param("ES", "es", id="in capitals"),
        pytest.param("pt-BR", "pt_BR", id="with its country"),
        pytest.param("pt", "en", id="another country's is not the same"),
        pytest.param("es;q=high, ;;;, en", "en", id="what cannot be read is passed over"),
        pytest.param("es;q=1.5, en;q=0.2", "en", id="a weight beyond 1 is none"),
        pytest.param("es, en", "es", id="of the same weight the first"),
    ],
)
def test_the_language_asked_for_most(header, language) -> None:
    assert asked_for(header, KNOWN) == language


@pytest.mark.parametrize("address", ["/", "/me", "/goals/W1?school_year=2024-25&where=campus%3Aeast", "/a//b"])
def test_a_viewer_is_led_back_within_the_site(address) -> None:
    assert within(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "me", "//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "/\t/elsewhere.example",
        "\\\\elsewhere.example", "javascript:alert(1)", "/me\r\nSet-Cookie: a=b", " //elsewhere.example", "/me\n",
    ],
)  # fmt: skip
def test_a_viewer_is_led_nowhere_else(address) -> None:
    assert not within(address)


@pytest.mark.parametrize("address", ["/sign-out", "/sign-in?token=abc", "/SIGN-IN/?token=abc", "/sign-out#here"])
def test_a_viewer_is_not_signed_in_or_out_by_coming_back(address) -> None:
    assert within(address)
    assert not_again(address)
    assert not not_again("/me")


@pytest.mark.parametrize("address", ["/family_touchpoints/answer/abc", "/Family_Touchpoints/Answer/abc?language=es"])
def test_no_address_repeats_what_opens_a_familys_page(address) -> None:
    assert not_again(address)
    assert not not_again("/family_touchpoints/answers")
