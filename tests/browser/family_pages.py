"""Pages of family_touchpoints in a browser, over the real service; what roster would answer is played."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page

from services.family_touchpoints.main import build
from shared.doors import local_key
from shared.process.settings import Settings
from tests.browser.visiting import WIDTHS, sign_in
from tests.family_app import FAMILIES, LAST_DAY
from tests.gateways import gateway
from tests.insights_world import served, serving

MANAGER = {"sub": "manager", "roles": ["data_manager"], "districts": ["*"]}
COUNSELOR = {"sub": "counselor", "roles": ["counselor"], "campuses": ["*"]}
INSTRUCTOR = {"sub": "instructor", "roles": ["instructor"], "programs": ["welding"], "campuses": ["central"]}
STUDENTS = {"p1": "Alpha", "p2": "Beta", "p3": "Gamma"}
GUARDIANS = {"g1": ("One", ["p1", "p2"]), "g2": ("Two", ["p1", "p2"]), "g3": ("Three", ["p3"])}


def student(id: str) -> dict[str, str]:
    """A student as roster names them."""
    return {"person_id": id, "given_name": "Sample", "family_name": STUDENTS[id]}


def guardian(id: str) -> dict[str, Any]:
    """A guardian as roster names them, and how they are reached."""
    named = {"guardian_id": id, "relation": "parent", "given_name": "Guardian", "family_name": GUARDIANS[id][0]}
    numbers = {"phone": f"602 555 010{id[1]}", "sms": None, "email": f"{id}@example.org", "preferred_language": None}
    return {**named, **numbers, "begin": "2024-08-05", "end": None}


async def played_roster(page: Page) -> None:
    """Roster knows three students and their guardians, whom it finds by any beginning of a name."""

    async def answer(route: Any) -> None:
        path, _, asked = route.request.url.partition("/roster/v1/")[2].partition("?")
        by = "q=" if path == "students" else "search="
        words = asked.partition(by)[2].partition("&")[0].lower()
        if path == "guardians/lookup":
            wanted = route.request.post_data_json["students"]
            mine = {one: [guardian(id) for id, (_, its) in GUARDIANS.items() if one in its] for one in wanted}
            found = [{**student(one), "guardians": its} for one, its in mine.items() if one in STUDENTS]
        elif path.startswith("programs/"):
            found = [{**student(id), "student_id": id} for id in ("p1", "p3")]
        elif path == "guardians":
            named = {id: [STUDENTS[each] for each in its] + [name] for id, (name, its) in GUARDIANS.items()}
            ids = [id for id, its in named.items() if any(each.lower().startswith(words) for each in its)]
            found = [{**guardian(id), "students": [student(one) for one in GUARDIANS[id][1]]} for id in ids]
        elif path.startswith("persons/"):
            found = [guardian(id) for id, (_, its) in GUARDIANS.items() if path.split("/")[1] in its]
        elif path == "students":
            assert asked.startswith(by), "roster knows no other parameter"
            ids = [id for id, name in STUDENTS.items() if name.lower().startswith(words)]
            found = [{**student(id), "id": id, "preferred_name": None} for id in ids]
        else:
            id = path.split("/")[1]
            await route.fulfill(json={**student(id), "id": id, "preferred_name": None})
            return
        await route.fulfill(json={"items": found, "next": None})

    await page.route("**/roster/**", answer)


@dataclass(frozen=True, slots=True)
class Families:
    """The service behind a gateway, a client of it, and a browser."""

    door: str
    keys: Path
    browser: Browser
    client: httpx.AsyncClient

    def headers(self, claims: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {local_key.sign(self.keys, claims)}"}

    async def ask(self, method: str, path: str, body: Any = None, *, claims: Any = MANAGER, key: str = "") -> Any:
        """What the service answers, which is well."""
        headers = self.headers(claims) | ({"Idempotency-Key": key} if key else {})
        answer = await self.client.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    @asynccontextmanager
    async def visit(
        self, path: str, claims: dict[str, Any], *, width: int = WIDTHS["phone"], expected: Any = (), **more: Any
    ) -> AsyncIterator[Page]:
        """A page, signed in; any complaint of the browser, or request elsewhere, fails the test."""
        more.setdefault("locale", "en-US")
        context = await self.browser.new_context(base_url=self.door, viewport={"width": width, "height": 900}, **more)
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(f"{self.door}/") or complaints.append(asked.url))
        await sign_in(page, local_key.sign(self.keys, claims))
        await played_roster(page)
        await page.goto(path)
        yield page
        await context.close()
        assert [one for one in complaints if not any(part in one for part in expected)] == []


@asynccontextmanager
async def open_families(settings: Settings, keys: Path, browser: Browser, folder: Path) -> AsyncIterator[Families]:
    """The service, told of families, on the last day of the school year."""
    app = build(settings, now=lambda: LAST_DAY)
    async with served(app) as families, serving(settings) as insights:
        await app.state.parts.projection().learn(FAMILIES)
        with gateway(folder, {"insights": insights, "family_touchpoints": families}) as door:
            async with httpx.AsyncClient(base_url=f"{door.url}/family_touchpoints/v1") as client:
                yield Families(door.url, keys, browser, client)
