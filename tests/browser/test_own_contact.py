"""A student of age reads what is kept of contact with the family, and says yes or no; before 18 there is nothing."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import WIDTHS, accessible, tab_to

OWN = {"sub": "student-1", "roles": ["student"], "student_id": "p1"}
PAGE = "/family_touchpoints/me/contact"
CALL = {
    "students": ["p1"],
    "guardian_ids": ["g1"],
    "method": "Phone",
    "purpose": "progress",
    "held_on": "2026-05-20",
    "outcome": "reached",
    "note": "Palabras inventadas.",
}


async def of_age(families, on: str) -> None:
    await families.ask("POST", "/touchpoints", CALL, key="call")
    await families.ask("PUT", "/students/p1/sharing", {"eighteen_on": on, "steps": []})


async def test_a_student_of_age_says_yes_in_spanish_with_the_keyboard_alone(families) -> None:
    await of_age(families, "2026-05-21")
    async with families.visit(PAGE, OWN, locale="es-US") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Tu escuela y tu familia")
        await expect(page.locator("main")).to_contain_text("Llamada telefónica, Progreso")
        await expect(page.locator("main")).to_contain_text("Palabras inventadas.")
        await accessible(page, "own contact in Spanish")
        await tab_to(page, page.get_by_role("radio", checked=True))
        await page.keyboard.press("ArrowUp")
        await tab_to(page, page.get_by_role("button", name="Guardar mi decisión"))
        await page.keyboard.press("Enter")
        await expect(page.locator("main")).to_contain_text("22 de mayo de 2026: Dijiste que sí")

    kept = await families.ask("GET", "/students/p1/sharing")
    assert [(one["status"], one["on"]) for one in kept["steps"]] == [("student_consents", "2026-05-22")]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_the_page_of_a_student_of_age_is_for_everybody(families, width) -> None:
    await of_age(families, "2026-05-21")
    async with families.visit(PAGE, OWN, width=width) as page:
        await accessible(page, "own contact")
        for one in await page.locator("main .tap, main button").all():
            box = await one.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        await page.get_by_label("Yes. They may call").check()
        await page.get_by_role("button", name="Save my choice").click()
        await expect(page.locator("main")).to_contain_text("You said yes")
        await page.get_by_label("No. They talk with me alone.").check()
        await page.get_by_role("button", name="Save my choice").click()
        await expect(page.locator("main")).to_contain_text("You said no")


async def test_before_18_the_page_says_when_it_opens_and_nothing_else(families) -> None:
    await of_age(families, "2026-05-23")
    async with families.visit(PAGE, OWN, locale="es-US") as page:
        await expect(page.locator("main")).to_contain_text("Esta página se abre cuando cumples 18 años")
        assert "inventadas" not in await page.content()
        await accessible(page, "before 18")
