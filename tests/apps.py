"""Apps that tests have one after another: to build one takes longer than most of the tests over it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from shared.process.settings import Settings


class Apps:
    """A service's apps by their settings, each lent to one test at a time, which gives it a life of its own."""

    def __init__(self, build: Callable[[Settings], FastAPI]) -> None:
        self._build = build
        self._free: dict[Settings, list[FastAPI]] = {}

    @contextmanager
    def lent(self, settings: Settings) -> Iterator[FastAPI]:
        """An app that nobody else has; one whose test failed is not lent again."""
        free = self._free.setdefault(settings, [])
        app = free.pop() if free else self._build(settings)
        yield app
        free.append(app)
