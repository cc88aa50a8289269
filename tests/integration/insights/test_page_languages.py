"""A page speaks the viewer's language, says so, and keeps the one that the viewer chose."""

from datetime import timedelta

import pytest

from tests.insights_world import NOW
from tests.integration.insights.test_pages import Text

LEADER = {"roles": ["leader"], "districts": ["*"]}
STUDENT = {"roles": ["student"], "student_id": "w0"}
PAGES = ("/", "/goals/W1", "/goals/W1/members?school_year=2024-25", "/programs/welding/open-cohort")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_in_the_language_that_the_browser_asks_for(look, path) -> None:
    english, spanish = await look(LEADER, path), await look(LEADER, path, language="es-MX,es;q=0.9,en;q=0.5")

    assert '<html lang="en">' in english.text
    assert '<html lang="es">' in spanish.text
    assert (english.headers["content-language"], spanish.headers["content-language"]) == ("en", "es")
    assert "Accept-Language" in spanish.headers["vary"]
    assert "Cookie" in spanish.headers["vary"]
    assert "Cerrar sesión" in spanish.text
    assert "Sign out" not in spanish.text
    assert "data-texts" in spanish.text
    assert "data-texts" not in english.text


async def test_numbers_days_and_plurals_are_said_in_spanish(look) -> None:
    said = str(Text((await look(LEADER, "/", language="es")).text))

    assert (
        "2024-25 El año escolar más reciente en que esta meta ya es definitiva. "
        "80 % 8 de 10 completers ✕ No alcanzada faltó 1 persona para la meta"
    ) in said
    assert "Meta: al menos 90 % a más tardar el 30 de junio de 2026. Plazo terminado para 10" in said
    assert "Faltaron 3 personas para la meta." in said
    assert "Contado hasta las 11:00:00 del 2 de noviembre de 2026, ahora mismo" in said


async def test_what_nobody_translates_is_marked_as_english(look) -> None:
    board, plain = await look(LEADER, "/", language="es"), await look(LEADER, "/")

    assert '<blockquote lang="en">“' in board.text
    assert '<span lang="en">completers</span>' in board.text
    assert ' lang="en"' not in plain.text.replace('<html lang="en">', "")


async def test_a_chosen_language_is_kept_and_leads_back(look) -> None:
    page = await look(LEADER, "/goals/W1?school_year=2024-25")
    assert 'href="/language/es?back=%2Fgoals%2FW1%3Fschool_year%3D2024-25"' in page.text
    chosen = await look(None, "/language/es?back=%2Fgoals%2FW1%3Fschool_year%3D2024-25")

    assert (chosen.status_code, chosen.headers["location"]) == (303, "/goals/W1?school_year=2024-25")
    cookie = chosen.headers["set-cookie"].casefold()
    assert cookie.startswith("aurora_language=es;")
    assert "max-age=31536000" in cookie
    assert "httponly" in cookie
    assert "path=/" in cookie
    for asked, kept in (("en", "es"), ("es", "en")):
        answer = await look(LEADER, "/", language=asked, chosen=kept)
        assert answer.headers["content-language"] == kept
    assert (await look(LEADER, "/", chosen="tlh")).headers["content-language"] == "en"


@pytest.mark.parametrize(
    "back",
    [
        "//elsewhere.example",
        "/%5C%5Celsewhere.example",
        "https%3A%2F%2Felsewhere.example",
        "/%09/elsewhere.example",
        "/sign-out",
        "/sign-in%3Ftoken%3Dabc",
        "me",
    ],
)
async def test_nobody_is_led_elsewhere_by_choosing_a_language(look, back) -> None:
    answer = await look(None, f"/language/es?back={back}")

    assert answer.status_code == 422
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers


async def test_a_language_that_there_is_not_is_refused_in_words(look) -> None:
    answer = await look(None, "/language/tlh?back=/", language="es")

    assert answer.status_code == 404
    assert "no existe el idioma tlh; hay en, es" in str(Text(answer.text)).casefold()


async def test_a_token_in_an_address_is_not_repeated_in_a_link(look) -> None:
    answer = await look(None, "/sign-in?token=made.up.token")

    assert answer.status_code == 422
    assert "made.up.token" not in answer.text
    assert 'href="/language/es?back=%2Fsign-in"' in answer.text


@pytest.mark.parametrize(
    ("claims", "path", "status", "said"),
    [
        pytest.param(None, "/me", 401, "No hay una sesión iniciada aquí, o ya terminó.", id="not signed in"),
        pytest.param(STUDENT, "/class", 403, "Esta página no está abierta para ti", id="not theirs"),
        pytest.param(LEADER, "/goals/W9", 404, "El plan no tiene la meta W9", id="no such goal"),
        pytest.param(STUDENT, "/nowhere", 404, "No existe esa página", id="no such address"),
        pytest.param(
            LEADER,
            "/?where=planet:mars",
            422,
            "No existe esa parte del distrito. Elige una de la lista.",
            id="no place",
        ),
    ],
)
async def test_a_refusal_is_said_in_spanish_and_its_detail_marked(look, claims, path, status, said) -> None:
    answer = await look(claims, path, accept="text/html", language="es")

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-language"] == "es"
    assert said in str(Text(answer.text))


async def test_why_counts_are_stale_is_said_in_the_page_s_language(ask, world, clock) -> None:
    clock.now = NOW + timedelta(minutes=5)
    said = str(Text((await ask(LEADER, "/", language="es")).text))

    assert "Sin actualizar: nada de lo escrito en los últimos 300 segundos está contado todavía." in said
