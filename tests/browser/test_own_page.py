"""A student reads their own page on a phone, in Spanish and in English, and the language that they choose is kept."""

from datetime import date

from playwright.async_api import expect

from tests.browser.visiting import WIDTHS, accessible, tab_to
from tests.insights_world import awarded, completed
from tests.integration.insights.test_own_credentials import seat

STUDENT = {"sub": "student-me", "roles": ["student"], "student_id": "me"}


async def test_a_student_reads_the_own_page_in_either_language_and_the_choice_is_kept(visit, world) -> None:
    await world.tell(
        *completed("me", date(2025, 12, 1), program="nursing", campus="east"),
        seat("me"),
        *awarded("me", date(2026, 9, 9), confirmed=True),
    )
    async with visit(WIDTHS["phone"], claims=STUDENT, locale="es-US") as page:
        await expect(page).to_have_url("/me")
        assert await page.evaluate("document.documentElement.lang") == "es"
        await expect(page.get_by_role("heading", level=1)).to_have_text("Tus credenciales")
        await expect(page.locator("main")).to_contain_text("a más tardar el 1 de diciembre de 2026: quedan 29 días.")
        await expect(page.locator("main")).to_contain_text("Contaría para Welding si completaras ese programa hoy.")
        await accessible(page, "in Spanish")

        await tab_to(page, page.get_by_role("link", name="English"))
        await page.keyboard.press("Enter")
        await expect(page).to_have_url("/me")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your credentials")
        await expect(page.locator("main")).to_contain_text(
            "It would count for Welding if you completed that program today"
        )
        await accessible(page, "in English")

        await page.goto("/")
        await expect(page).to_have_url("/me")
        assert await page.evaluate("document.documentElement.lang") == "en"
        await page.get_by_role("link", name="Sign out").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Signed out")
        await page.get_by_role("link", name="Español").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")
        await accessible(page, "signed out, in Spanish")


async def test_the_own_page_needs_no_script(visit, world) -> None:
    await world.tell(*completed("me", date(2025, 12, 1)))
    async with visit(WIDTHS["phone"], claims=STUDENT, java_script_enabled=False) as page:
        await expect(page.locator("main")).to_contain_text("29 days are left.")
        await page.get_by_role("link", name="Español").click()
        await expect(page.locator("main")).to_contain_text("quedan 29 días.")
