"""Imports at work beside the requests: what may start, under which name, and what stops with the service."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from services.roster.desk import Desk
from services.roster.oneroster.applying import Wish
from services.roster.oneroster.courses import Courses
from services.roster.oneroster.deriving import Deriving
from services.roster.oneroster.findings import NothingApplied
from services.roster.oneroster.imports import Imports, Sent
from services.roster.oneroster.kept import Kept
from services.roster.oneroster.manifest import Manifest, read_manifest
from services.roster.oneroster.package import Package, open_package
from services.roster.oneroster.running import Run
from services.roster.saving import Batch
from services.roster.scope import Scope
from shared.auth import Caller
from shared.csv_rows import ImportReport
from shared.records import Entry
from shared.school_year import DEFAULT_START, last_day, parse_start, school_year_of

STOP_WITHIN_SECONDS = 8.0
UNPACKED_TIMES = 16  # CSV packs five to ten times smaller; what unpacks to more is no roster


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: on disk, without a name, gone when it is closed."""

    file: BinaryIO
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller wants done with an upload; empty where the file or the calendar decides."""

    caller: Caller
    source: str = ""
    school_year: str = ""
    dry_run: bool = False
    confirm_removals: int | None = None


class Work:
    """The imports that run in this process."""

    def __init__(self, desk: Desk, *, import_max_bytes: int) -> None:
        self.imports = Imports(desk.store.records.database)
        self._kept = Kept(desk.store.records.database)
        self.courses = Courses(desk.store.records.database)
        self._desk = desk
        self._unpacked_max_bytes = UNPACKED_TIMES * import_max_bytes
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, upload: Upload, asked: Asked) -> str:
        """The id of an import that now runs, or of which nothing can be read; the file is closed at its end.

        Raise Conflict while another one of the same source runs.
        """
        try:
            run = await self._begun(upload, asked)
        except NothingApplied as stopped:
            upload.file.close()
            return await self.imports.refuse_at_once(await self._sent(upload, asked, asked.source), stopped.findings)
        except BaseException:
            upload.file.close()
            raise
        task = asyncio.create_task(run.to_its_end(), name=f"oneroster import {run.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: upload.file.close())
        return run.id

    async def stop(self) -> None:
        """Stop what runs; each import's record says that it failed, and what to do."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_SECONDS)

    async def _begun(self, upload: Upload, asked: Asked) -> Run:
        package, manifest = await asyncio.to_thread(self._opened, upload, asked.source)
        sent = await self._sent(upload, asked, manifest.source)
        starts = await self._starts()
        first = f"{sent.school_year[:4]}-{starts[0]:02d}-{starts[1]:02d}"
        id = await self.imports.begin(sent)
        await self._kept.prepare()
        latest = await self.imports.latest_year(sent.source)
        return Run(
            id=id,
            confirmed=asked.confirm_removals,
            earlier=sent.school_year < latest,
            imports=self.imports,
            package=package,
            manifest=manifest,
            wish=Wish(
                source=sent.source,
                school_year=sent.school_year,
                dry_run=asked.dry_run,
                store=self._desk.store,
                kept=self._kept,
                derive=self._derive(id, asked, sent.source),
                today=(await self._desk.today()).isoformat(),
                reached=self._reached(asked, sent.source),
                new_batch=self._batches(id, asked),
            ),
            year=(first, last_day(sent.school_year, starts).isoformat()),
        )

    def _opened(self, upload: Upload, source: str) -> tuple[Package, Manifest]:
        package = open_package(upload.file, unpacked_max_bytes=self._unpacked_max_bytes)
        return package, read_manifest(package, source=source)

    async def _sent(self, upload: Upload, asked: Asked, source: str) -> Sent:
        year = asked.school_year or school_year_of(await self._desk.today(), await self._starts())
        return Sent(source, year, asked.dry_run, asked.caller.sub, upload.bytes, upload.sha256)

    async def _starts(self) -> tuple[int, int]:
        calendar = await self._desk.store.calendar()
        written = calendar["school_year_starts"] if calendar else None
        return parse_start(written) if written else DEFAULT_START

    async def map_courses(self, body: bytes, caller: Caller, *, dry_run: bool) -> ImportReport:
        """Keep which courses belong to which programs, and let the enrolments follow at once."""
        report, sources = await self.courses.load(body, self._desk.store, caller.sub, dry_run=dry_run)
        if not dry_run:
            entry = Entry(by=caller.sub, action="course_programs")
            for source in sorted(sources):
                await self._deriving(entry, await self._desk.today()).run(source)
        return report

    def _deriving(self, entry: Entry, today: date) -> Deriving:
        return Deriving(self._desk.store, self._kept, self.courses, entry, today)

    def _derive(self, id: str, asked: Asked, source: str) -> Callable[[], Awaitable[Mapping[str, int]]]:
        entry = Entry(by=asked.caller.sub, action="oneroster_import", why=f"classes of OneRoster import {id}")

        async def derive() -> Mapping[str, int]:
            return await self._deriving(entry, await self._desk.today()).run(source)

        return derive

    def _reached(self, asked: Asked, source: str) -> Callable[[], Awaitable[set[str] | None]]:
        desk = self._desk
        scope = Scope(asked.caller.reach, desk.store)

        async def reached() -> set[str] | None:
            return None if scope.everything else await desk.store.users_of(source, await scope.filter("student"))

        return reached

    def _batches(self, id: str, asked: Asked) -> Callable[[], Awaitable[Batch]]:
        desk, caller = self._desk, asked.caller
        entry = Entry(by=caller.sub, action="oneroster_import", why=f"OneRoster import {id}")

        async def new_batch() -> Batch:
            scope = Scope(caller.reach, desk.store)
            return Batch(desk.store, entry, await desk.today(), dry_run=asked.dry_run, scope=scope)

        return new_batch
