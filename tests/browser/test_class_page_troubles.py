"""What goes wrong while a class is logged: a sign-in that ends, a connection that stays away, a slow count."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from services.credentials.main import build
from shared.contracts.roster import Program
from shared.doors import local_key
from tests.browser.visiting import CREDENTIALS, ROSTER, WIDTHS, accessible, sign_in
from tests.credentials_app import Credentials
from tests.gateways import gateway
from tests.insights_world import NOW, served, serving
from tests.producer_app import event

TEACHER = {"sub": "teacher", "roles": ["instructor"], "programs": ["welding"], "campuses": ["northwest"]}
# What the browser itself says of an answer that is a refusal, or of none.
FAILED = "Failed to load resource"
LOST = "connectionreset"


@dataclass
class Played:
    """Roster and credentials as the page meets them; `answers` are those to the lists sent, the last one for ever."""

    answers: list[object] = field(default_factory=lambda: [200])
    sent: list[tuple[str, str]] = field(default_factory=list)
    written: str = NOW.isoformat()
    attempts: list[dict] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    students: int = 2

    async def answer(self, route) -> None:
        asked = route.request
        if asked.method == "POST" and "dry_run" in asked.url:
            await route.fulfill(json=self._logged(len(asked.post_data_json["rows"])))
            return
        if asked.method == "POST" and asked.url.endswith("/awards/batch"):
            self.sent.append((asked.headers["idempotency-key"], asked.post_data))
            outcome = self.answers[min(len(self.sent), len(self.answers)) - 1]
            if outcome == LOST:
                await route.abort(LOST)
                return
            found = self._logged(len(asked.post_data_json["rows"])) if outcome == 200 else {"detail": "no token"}
            await route.fulfill(status=outcome, json=found)
            return
        if asked.url.endswith("/void"):
            self.undone.append(asked.url)
            await self.may_answer.wait()
            await route.fulfill(json={"batch_id": "b1", "voided": 2, "unchanged": 0})
            return
        await route.fulfill(json=self._read(asked.url), headers={"ETag": '"1"'})

    def _logged(self, number: int) -> dict:
        logged = {"outcome": "created", "warnings": [], "problem": None}
        rows = [{"row": row, "award_id": f"a{row}"} | logged for row in range(number)]
        return {"batch_id": "b1", "created": number, "unchanged": 0, "refused": 0, "rows": rows}

    def _read(self, url: str) -> dict:
        if "/class" in url:
            named = {"family_name": "Student", "preferred_name": None, "organisation_name": "Northwest campus"}
            names = ("One", "Two", *(f"N{number}" for number in range(2, self.students)))
            found = [
                {"student_id": f"w{n}", "given_name": name, "completed_on": None} | named
                for n, name in enumerate(names)
            ]
            return {"as_of": "2026-11-02", "items": found}
        if "/catalogue" in url:
            return {"items": [{"code": "MOCK-1", "title": "Mock welder", "issuer": "Mock"}], "next": None}
        if "/v1/students/" in url:
            return {"id": "w0"}
        if "credential=" in url:
            return {"items": self.attempts, "next": None}
        return {"updated_at": self.written, "awarded_on": "2026-10-20", "license_number": None}


@pytest_asyncio.fixture(loop_scope="session")
async def address(world, mongo_settings, keys, tmp_path):
    """Insights and credentials behind a real gateway; what the page's scripts ask, the tests answer themselves."""
    app = build(mongo_settings, now=lambda: NOW)
    async with serving(mongo_settings) as insights, served(app) as credentials, httpx.AsyncClient() as client:
        welding = Program(
            program_id="welding", title="Welding", cip_code="0", cluster="mock", active_from=date(2020, 7, 1)
        )
        await Credentials(client, keys, app.state.parts, {}).told(event("program/welding", "program/welding", welding))
        with gateway(tmp_path / "gateway", {"insights": insights, "credentials": credentials}) as door:
            yield door.url


@pytest.fixture
def opened(visit):
    """`async with opened(played) as page`: the class page of welding, ready to be filled in."""

    @asynccontextmanager
    async def opening(played, **more):
        async with visit(WIDTHS["phone"], claims=TEACHER, expected=(FAILED,), **more) as page:
            for service in (ROSTER, CREDENTIALS):
                await page.route(f"**{service}/v1/**", played.answer)
            await page.goto("/credentials/class?program=welding")
            await expect(page.locator("#rows li")).to_have_count(played.students)
            yield page

    return opening


async def save(page, *students) -> None:
    """Whoever is named passed, on one day; without any name everybody."""
    await page.locator("#day").fill("2026-10-20")
    for one in students:
        await page.locator("#rows li", has_text=one).locator(".tick").check()
    if not students:
        await page.locator("#everybody").click()
    await page.locator("#save").click()


async def until_said(page, place, words) -> None:
    """The page's own clock runs ahead until it is said."""
    async with asyncio.timeout(20):
        while words not in (await place.text_content() or ""):
            await page.clock.fast_forward(31_000)
            await asyncio.sleep(0.05)


async def test_a_list_outlives_a_sign_in_that_has_ended(opened, keys) -> None:
    """Whoever is signed out while away signs in again, comes back, and sends the same list under the same key."""
    played = Played([401, 200])
    async with opened(played) as page:
        await save(page)
        news = page.locator("#class-news")
        await expect(news).to_have_text("Not done: your sign-in has ended: sign in again, then come back to this page.")
        await expect(page.locator("#pending")).to_be_visible()

        await sign_in(page, local_key.sign(keys, TEACHER))
        await page.goto("/credentials/class?program=welding")
        await expect(page.locator("#pending-words")).to_contain_text("2 students, MOCK-1, 20 October 2026.")
        await accessible(page, "a list without an answer")
        await page.get_by_role("button", name="Send it again").click()

        await expect(news).to_contain_text("Saved: 2 students of 2 in the records")
        await expect(news).to_contain_text("sent more than once under one key: nothing was logged twice.")
        await expect(page.locator("#pending")).to_be_hidden()
        assert len(played.sent) == 2
        assert played.sent[0] == played.sent[1]
        assert await page.evaluate("Object.keys(localStorage).length") == 0


async def test_a_connection_that_does_not_come_back_leaves_the_list_to_be_sent_or_forgotten(opened) -> None:
    played = Played([LOST])
    async with opened(played) as page:
        await page.clock.install()
        await save(page)
        news = page.locator("#class-news")
        await expect(news).to_contain_text("The connection was lost before an answer came.")
        await until_said(page, news, "Not done: no answer came.")
        assert len(played.sent) == 4
        assert len(set(played.sent)) == 1

        await page.reload()
        await expect(page.locator("#pending")).to_be_visible()
        await save(page)
        await expect(news).to_have_text("Another list has had no answer yet: send it again or forget it first.")
        await expect(page.get_by_role("button", name="Send it again")).to_be_focused()
        assert len(played.sent) == 4

        await page.get_by_role("button", name="Forget it").click()
        await expect(news).to_contain_text("Forgotten here.")
        await expect(page.locator("#pending")).to_be_hidden()


async def test_what_is_not_counted_in_time_is_said_so_in_the_viewer_s_language(opened) -> None:
    """In Spanish: what the scripts say comes from the catalogue too, with its plurals."""
    played = Played(written=(NOW + timedelta(hours=1)).isoformat())
    async with opened(played, locale="es-US") as page:
        await expect(page.locator("#class-news")).to_have_text("2 estudiantes: marca a quienes lo intentaron.")
        await page.clock.install()
        await save(page, "One Student")
        await expect(page.locator("#class-news")).to_contain_text("Guardado: 1 estudiante de 1 en los registros")
        number = page.locator("#number-news")
        await expect(number).to_have_text("Esperando a que se cuente…")
        await until_said(page, number, "todavía no está contado")

        await expect(number).to_have_text(
            "W1 de Welding: esto está guardado, pero todavía no está contado. El tablero lo mostrará."
        )
        await accessible(page, "the class page in Spanish")


async def test_undo_is_there_while_the_list_is_still_being_counted(opened) -> None:
    """What is saved can be taken back at once: nobody waits for the number."""
    played = Played(written=(NOW + timedelta(hours=1)).isoformat())
    played.may_answer.set()
    async with opened(played) as page:
        await save(page)
        await expect(page.locator("#number-news")).to_have_text("Waiting until it is counted…")

        await page.get_by_role("button", name="Undo this list").click()

        await expect(page.locator("#class-news")).to_have_text("Taken back: 2 awards of this list.")
        assert len(played.undone) == 1


async def test_a_press_while_something_runs_is_said_and_done_afterwards(opened) -> None:
    played = Played()
    async with opened(played) as page:
        await save(page)
        waits = page.locator("#press-news")
        await page.get_by_role("button", name="Undo this list").click()
        await expect(page.locator("#class-news")).to_have_text("Taking the list back…")

        await page.get_by_role("button", name="Undo this list").click()
        await expect(waits).to_have_text("That is being done already.")
        await page.get_by_role("button", name="Preview").click()
        await expect(waits).to_have_text("This is done as soon as what is under way has ended.")
        await expect(waits).to_be_in_viewport()

        played.may_answer.set()
        await expect(page.locator("#class-news")).to_contain_text("Nothing is saved yet. 2 would be logged")
        await expect(waits).to_be_empty()
        assert len(played.undone) == 1


async def test_who_holds_the_credential_is_said_before_anybody_is_ticked(opened) -> None:
    attempt = {"result": "passed", "expires_on": None, "revoked_on": None}
    attempts = [
        attempt | {"student_id": "w0", "day": "2026-05-20"},
        attempt | {"student_id": "w0", "day": "2026-06-01", "result": "failed"},
        attempt | {"student_id": "w1", "day": "2024-05-20", "expires_on": "2026-11-01"},
        attempt | {"student_id": "w0-merged", "day": "2026-05-01"},
    ]
    async with opened(Played(attempts=attempts)) as page:
        held = page.locator("#rows .held")
        await expect(held).to_have_text(["Holds it since 20 May 2026", "Held it until 1 November 2026"])
        await accessible(page, "who holds it already")

        await page.locator("#everybody").click()

        assert await page.locator("#rows .tick:checked").count() == 1
        await expect(page.locator("#class-news")).to_have_text("1 student who holds it already is left as it is.")


async def test_on_a_phone_what_a_preview_says_is_in_view_wherever_the_list_stands(opened) -> None:
    """One card a student, nothing off to the right; the last word and Save stay on the screen."""
    async with opened(Played(students=30)) as page:
        await page.locator("#day").fill("2026-10-20")
        await page.locator("#rows .tick").nth(20).check()

        await page.locator("#preview").click()

        await expect(page.locator("#class-news")).to_contain_text("Nothing is saved yet.")
        for one in (page.locator("#class-news"), page.locator("#save"), page.locator("#rows li").nth(20)):
            await expect(one).to_be_in_viewport()
        await expect(page.locator("#rows li").nth(20).locator(".words")).to_have_text("Will be logged.")
        await accessible(page, "a preview on a phone")
        small = "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 44).length"
        assert await page.locator("main button, main select, main input[type=text], .tap").evaluate_all(small) == 0
