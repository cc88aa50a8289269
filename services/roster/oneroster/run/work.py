"""The service starts imports beside its requests, and takes up those that another process left."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, ExitStack
from datetime import date
from typing import Any

import structlog

from services.roster.desk.batch import Batch
from services.roster.desk.desk import Desk
from services.roster.oneroster.derive.courses import Courses
from services.roster.oneroster.derive.guardians import Guardians
from services.roster.oneroster.derive.program_enrolments import Deriving
from services.roster.oneroster.keep.source_rows import SourceRows
from services.roster.oneroster.keep.wish import Wish, why_of
from services.roster.oneroster.read.findings import NothingApplied, stops
from services.roster.oneroster.read.manifest import FILE as MANIFEST
from services.roster.oneroster.read.manifest import Manifest, read_manifest
from services.roster.oneroster.read.package import Package, open_package
from services.roster.oneroster.read.years import year_of, years_told
from services.roster.oneroster.run.imports import SEND_AGAIN, Imports, Overtaken, Sent, Turn
from services.roster.oneroster.run.one_import import Run
from services.roster.oneroster.run.package_store import Packages
from services.roster.oneroster.run.request import ImportRequest, Upload
from services.roster.oneroster.run.stages import Stages
from services.roster.reach.scope import Scope
from services.roster.sources import NOT_THE_KNOWN, known_otherwise
from shared.csv.rows import ImportReport
from shared.doors.auth import Caller
from shared.process.progress import Loop
from shared.records.store import Entry
from shared.school_year import DEFAULT_START, last_day, parse_start, school_year_of

STOP_WITHIN_SECONDS = 8.0
LOOK_SECONDS = 2.0
AT_ONCE = 2  # imports that a service does at once; the others wait, each with its package kept
UNPACKED_TIMES = 16  # CSV packs five to ten times smaller; what unpacks to more is no roster

log = structlog.get_logger(__name__)


class Work:
    """The imports that run in this process."""

    def __init__(self, desk: Desk, *, import_max_bytes: int) -> None:
        self.imports = Imports(desk.store.records.database)
        self._packages = Packages(desk.store.records.database)
        self._kept = SourceRows(desk.store.records.database)
        self.courses = Courses(desk.store.records.database)
        self._desk = desk
        self._unpacked_max_bytes = UNPACKED_TIMES * import_max_bytes
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def start(self, upload: Upload, asked: ImportRequest) -> str:
        """Start an import; the answer is its id. The file is closed at its end.

        Raise Conflict while another one of the same source runs.
        """
        with ExitStack() as until_handed_on:
            until_handed_on.callback(upload.file.close)
            try:
                run = await self._begun(upload, asked)
            except NothingApplied as stopped:
                sent = await self._sent(upload, asked, asked.source)
                return await self.imports.refuse_at_once(sent, stopped.findings)
            until_handed_on.pop_all()
            self._run(run, upload)
        return run.id

    async def go_on(self, loop: Loop) -> None:
        """For as long as the service runs: take up imports that their services were stopped in the middle of."""
        await self._packages.prepare()
        while True:
            await self.imports.bury()
            taken = await self.imports.take_over()
            loop.well()
            if taken is None:
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._take_up(*taken)

    async def _take_up(self, turn: Turn, found: Mapping[str, Any]) -> None:
        """Go on with an import from its kept package: what was applied is found so, and the rest is done."""
        log.warning("an import is taken up again", id=turn.id, turn=turn.number)
        asked = ImportRequest.of(found["asked"])
        upload = Upload(await self._packages.opened(turn.id), found["bytes"], found["sha256"])
        with ExitStack() as until_handed_on:
            until_handed_on.callback(upload.file.close)
            try:
                package, manifest = await asyncio.to_thread(self._opened, upload, asked.source)
                run = await self._run_of(turn, found, asked, package, manifest)
            except NothingApplied:
                log.exception("a package that was kept cannot be read any more", id=turn.id)
                await self.imports.end(turn, "failed", says=f"its package was lost on our side; {SEND_AGAIN}")
                return
            until_handed_on.pop_all()
            self._run(run, upload)

    def _run(self, run: Run, upload: Upload) -> None:
        task = asyncio.create_task(run.to_its_end(), name=f"oneroster import {run.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: upload.file.close())

    async def stop(self) -> None:
        """Stop what runs; another process goes on with it, or this service when it is started again."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_WITHIN_SECONDS)

    async def _begun(self, upload: Upload, asked: ImportRequest) -> Run:
        """A new import, whose package is kept before anybody is told that it goes its way."""
        package, manifest = await asyncio.to_thread(self._opened, upload, asked.source)
        told = await asyncio.to_thread(years_told, package, manifest)
        await self._must_be_the_known(manifest.source)
        turn = await self.imports.begin(await self._sent(upload, asked, manifest.source, told))
        async with AsyncExitStack() as unless_kept:
            # Whatever stops it, the sender's hanging up too, who asks for the import is told; the last is done first.
            unless_kept.push_async_callback(self._packages.drop, turn.id)
            says = f"its package could not be kept; {SEND_AGAIN}"
            unless_kept.push_async_callback(self.imports.end, turn, "failed", says=says)
            await self._packages.keep(turn.id, upload.file, lambda: self.imports.go_on(turn))
            await self.imports.go_on(turn, kept=True)
            unless_kept.pop_all()
        found = await self.imports.get(turn.id)
        if found is None:
            raise Overtaken(turn.id)
        return await self._run_of(turn, found, asked, package, manifest)

    async def _run_of(
        self, turn: Turn, found: Mapping[str, Any], asked: ImportRequest, package: Package, manifest: Manifest
    ) -> Run:
        source, year = found["source"], found["school_year"]
        starts = await self._starts()
        first = f"{year[:4]}-{starts[0]:02d}-{starts[1]:02d}"
        await self._kept.prepare()
        return Run(
            turn=turn,
            confirmed=asked.confirm_removals,
            earlier=year < await self.imports.latest_year(source),
            agreed=bool(found.get("agreed")),
            room=self._room,
            imports=self.imports,
            packages=self._packages,
            package=package,
            manifest=manifest,
            stages=Stages(reached=found["progress"]["done"]),
            wish=Wish(
                id=turn.id,
                source=source,
                school_year=year,
                dry_run=asked.dry_run,
                store=self._desk.store,
                kept=self._kept,
                derive=self._derive(turn.id, asked, source),
                today=found["today"],
                reachable_users=self._reachable_users(asked, source),
                new_batch=self._batches(turn.id, asked),
                begun_at=found["begun_at"].isoformat(),
                again=turn.number > 1,
            ),
            year=(first, last_day(year, starts).isoformat()),
        )

    async def _must_be_the_known(self, source: str) -> None:
        """Raise NothingApplied for a source that differs from a known one by case or spaces only."""
        if other := await known_otherwise(self._desk.store, source):
            problem = f"source {source} differs from {other}, which is known, by case or spaces only"
            works = f"write source.systemCode {other}, or send ?source={other}"
            wrong = stops(MANIFEST, problem, works, code=NOT_THE_KNOWN, column="source.systemCode", value=source)
            raise NothingApplied([wrong])

    def _opened(self, upload: Upload, source: str) -> tuple[Package, Manifest]:
        package = open_package(upload.file, unpacked_max_bytes=self._unpacked_max_bytes)
        return package, read_manifest(package, source=source)

    async def _sent(self, upload: Upload, asked: ImportRequest, source: str, told: Collection[str] = ()) -> Sent:
        """What the import's record says of the package. Raise NothingApplied when the school year is open."""
        today = await self._desk.today()
        year = year_of(asked.school_year, set(told), school_year_of(today, await self._starts()))
        return Sent(
            source=source,
            school_year=year,
            dry_run=asked.dry_run,
            by=asked.caller.sub,
            bytes=upload.bytes,
            sha256=upload.sha256,
            asked=asked.as_document(),
            today=today.isoformat(),
        )

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

    def _derive(self, id: str, asked: ImportRequest, source: str) -> Callable[[], Awaitable[Mapping[str, int]]]:
        entry = Entry(by=asked.caller.sub, action="oneroster_import", why=f"follows from OneRoster import {id}")

        async def derive() -> Mapping[str, int]:
            today = await self._desk.today()
            await Guardians(self._desk.store, self._kept, entry, today.isoformat()).run(source)
            return await self._deriving(entry, today).run(source)

        return derive

    def _reachable_users(self, asked: ImportRequest, source: str) -> Callable[[], Awaitable[set[str] | None]]:
        desk = self._desk
        scope = Scope(asked.caller.reach, desk.store)

        async def reachable_users() -> set[str] | None:
            return None if scope.everything else await desk.store.users_of(source, await scope.filter("student"))

        return reachable_users

    def _batches(self, id: str, asked: ImportRequest) -> Callable[[], Awaitable[Batch]]:
        desk, caller = self._desk, asked.caller
        entry = Entry(by=caller.sub, action="oneroster_import", why=why_of(id))

        async def new_batch() -> Batch:
            scope = Scope(caller.reach, desk.store)
            return Batch(desk.store, entry, await desk.today(), dry_run=asked.dry_run, scope=scope)

        return new_batch
