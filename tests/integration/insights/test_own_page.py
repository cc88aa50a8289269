"""A student's own page: what they have, what of it counts and why, what is open until when, in both languages."""

from datetime import date

import msgspec
import pytest

from shared.contracts.credentials import Catalogue
from tests.insights_world import awarded, completed
from tests.integration.insights.test_own_credentials import LEADER, another, seat
from tests.integration.insights.test_pages import Text

ME = {"roles": ["student"], "student_id": "me"}
DONE = date(2025, 12, 1)


async def page(ask, claims=ME, **more):
    answer = await ask(claims, "/me", **more)
    assert answer.status_code == 200, answer.text
    return str(Text(answer.text))


# Of a welder who completed on 1 December 2025, seen on 2 November 2026: what was awarded, and what the page says.
CASES = [
    pytest.param(
        date(2026, 1, 9), {}, "✓ Counts", "It counts for Welding.", "Cuenta para Welding.", id="counts"
    ),
    pytest.param(
        date(2026, 1, 9), {"tier": "other"}, "… Still open",
        "It does not count for Welding: it is not among that program's high-value credentials.",
        "No cuenta para Welding: no está entre las credenciales de alto valor de ese programa.", id="wrong tier",
    ),
    pytest.param(
        date(2026, 1, 9), {"program": "nursing"}, "… Still open",
        "It does not count for Welding: it is not on that program's list of credentials.",
        "No cuenta para Welding: no está en la lista de credenciales de ese programa.", id="not aligned",
    ),
    pytest.param(
        date(2026, 1, 9), {"revoked_on": date(2026, 2, 1)}, "… Still open",
        "It does not count for Welding: it was revoked on 1 February 2026.",
        "No cuenta para Welding: fue revocada el 1 de febrero de 2026.", id="revoked",
    ),
    pytest.param(
        date(2023, 1, 9), {}, "… Still open",
        "It does not count for Welding: it was earned before you began that program.",
        "No cuenta para Welding: se obtuvo antes de que empezaras ese programa.", id="too early",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("on", "more", "verdict", "english", "spanish"), CASES)
async def test_each_credential_says_whether_it_counts_and_why(ask, world, on, more, verdict, english, spanish) -> None:
    await world.tell(*completed("me", DONE), *awarded("me", on, **more))
    said = await page(ask)

    assert f"Welding {verdict} Northwest campus, completed 1 December 2025" in said
    assert english in said
    assert spanish in await page(ask, language="es")


async def test_what_is_open_says_until_when_and_how_long(ask, world) -> None:
    await world.tell(
        *completed("me", DONE), *completed("last", date(2025, 11, 2)), *completed("late", date(2025, 10, 1))
    )

    assert "A credential counts if you earn it by 1 December 2026: 29 days are left." in await page(ask)
    assert "No credential of yours is noted yet." in await page(ask)
    said = await page(ask, language="es")
    assert "Una credencial cuenta si la obtienes a más tardar el 1 de diciembre de 2026: quedan 29 días." in said
    assert "2025-26 … Todavía a tiempo" in said
    last = await page(ask, {**ME, "student_id": "last"})
    assert "Today is the last day: a credential counts if you earn it today." in last
    late = await page(ask, {**ME, "student_id": "late"})
    assert "– Does not count" in late
    assert "the last day for one was 1 October 2026." in late


async def test_one_day_left_is_one_day(ask, world) -> None:
    await world.tell(*completed("me", date(2025, 11, 3)))

    assert "1 day is left." in await page(ask)
    assert "queda 1 día." in await page(ask, language="es")


async def test_a_credential_too_late_and_one_that_failed(ask, world) -> None:
    late = awarded("me", date(2026, 10, 2))
    key, record, state, kind = another(late)
    failed = msgspec.structs.replace(state, result="failed", awarded_on=None, taken_on=date(2026, 3, 3))
    await world.tell(*completed("me", date(2025, 10, 1)), *late, (key, record, failed, kind))
    said = await page(ask)

    assert "MOCK-1 Result Passed, 2 October 2026 Confirmation Not confirmed yet" in said
    assert "it was earned after 1 October 2026, the last day for that." in said
    assert (
        "MOCK-1 Result Not passed, 3 March 2026 – It does not count for Welding: this attempt was not passed." in said
    )


async def test_a_program_still_attended_and_a_satellite(ask, world) -> None:
    await world.tell(
        seat("me"), *awarded("me", date(2026, 9, 9), confirmed=True), seat("sat", "sat", "satellite_campus")
    )
    said = await page(ask)

    assert "Welding ↗ Would count Northwest campus, still in class" in said
    assert "It would count for Welding if you completed that program today." in said
    assert "Confirmed: looked up with its issuer" in said
    assert "only programs at central campuses are counted" in (await page(ask, {**ME, "student_id": "sat"})).casefold()
    assert "✓ Contaría" not in await page(ask, language="es")
    assert "↗ Contaría" in await page(ask, language="es")


async def test_a_title_from_the_catalogue_stays_as_it_is_and_is_marked(ask, world) -> None:
    listed = Catalogue(credential_code="MOCK-1", title="Mock welder", issuer="Mock", type="certification")
    await world.tell(("credential/MOCK-1", "catalogue/MOCK-1", listed, Catalogue), *awarded("me", date(2026, 1, 9)))

    assert '<h3 lang="en">Mock welder</h3>' in (await ask(ME, "/me", language="es")).text
    assert "<h3>Mock welder</h3>" in (await ask(ME, "/me")).text


async def test_a_student_is_led_from_the_start_to_the_own_page(look) -> None:
    started = await look(ME, "/")
    both = await look({**LEADER, "roles": ["leader", "student"], "student_id": "w0"}, "/")

    assert (started.status_code, started.headers["location"]) == (303, "/me")
    assert both.status_code == 200
    assert "No program of yours is known here." in await page(look)


async def test_nobody_else_has_this_page(look) -> None:
    assert "w1" not in (await look({**ME, "student_id": "w0"}, "/me")).text
    assert (await look(LEADER, "/me")).status_code == 403
    assert (await look(None, "/me")).status_code == 401
    nobody = await look({"roles": ["student"]}, "/me", language="es")
    assert nobody.status_code == 403
    assert "tu inicio de sesión no dice qué estudiante eres" in str(Text(nobody.text)).casefold()
