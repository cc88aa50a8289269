"""A page that cannot be shown is a page too: in words, with the right status, and how to sign in where that is it."""

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from services.insights import words
from services.insights.board import has_window
from services.insights.domain import percent, percent_of
from shared import mongo
from shared.errors import Refused, Retryable
from shared.problems import STATUS, TITLES

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Renderer:
    """Fills a template; what no template is given is an error, never an empty place."""

    def __init__(self, roster_url: str, credentials_url: str) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {"STATUS": words.STATUS, "MEANING": words.MEANING, "link": words.link}
        self._templates.globals |= {"roster_url": roster_url.rstrip("/"), "missing": words.missing}
        self._templates.globals |= {"credentials_url": credentials_url.rstrip("/")}
        self._templates.globals |= {"figure": words.figure, "behind": words.behind, "has_window": has_window}
        self._templates.globals |= {"freshness": words.freshness, "instant": words.instant, "percent_of": percent_of}
        self._templates.filters |= {"n": words.thousands, "day": words.day, "percent": percent}
        self._templates.filters |= {"capitalize_first": words.capital, "plain": words.plain}

    def __call__(self, template: str, /, status: int = 200, **context: Any) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(context), status)


def shown(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
    """A template of the app, filled."""
    render: Renderer = request.app.state.render
    return render(template, status, **context)


class Page(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_say_why(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                told = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
                return _message(request, 422, told)
            except (Refused, Retryable) as error:
                status = next(STATUS[kind][0] for kind in type(error).mro() if kind in STATUS)
                return _message(request, status, error.detail)
            except mongo.MongoError as error:
                if not mongo.unavailable(error):
                    raise
                return _message(request, 503, "the database does not answer")

        return answer_or_say_why


def _message(request: Request, status: int, told: str) -> Response:
    template = "sign_in.html" if status == 401 else "message.html"
    answer = shown(request, template, status, title=TITLES.get(status, "Not done"), told=told)
    answer.headers.update(_headers(status))
    return answer


def _headers(status: int) -> Mapping[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="aurora"'}
    return {"Retry-After": "2"} if status == 503 else {}
