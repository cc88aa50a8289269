"""What cannot be shown is a page too, with its status, what is wrong in plain words, and what would work."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from shared import mongo
from shared.errors import Refused, Retryable
from shared.pages.page import Pages, shown
from shared.web.problems import STATUS
from shared.words.said import Said, said

# By status: what has happened, and what would work.
REFUSALS: Mapping[int, tuple[Said, Said]] = {
    400: (said("This cannot be read"), said("The address or what came with it is broken. Go back and try again.")),
    401: (said("Sign in"), said("You are not signed in here, or your sign-in has ended.")),
    403: (said("This page is not open to you"), said("Your sign-in does not open it. Ask your school if it should.")),
    404: (said("There is no such page"), said("Nothing is found at this address, or it is not yours to see.")),
    422: (said("This cannot be shown as asked"), said("Something in the address does not fit.")),
    429: (said("Too many requests"), said("You ask more often than one person may. Wait a minute, then try again.")),
    500: (said("Something broke on our side"), said("It was not your doing, and it has been noted. Try again later.")),
    503: (said("Not now"), said("A part of Aurora does not answer just now. Try again in a moment.")),
}
OTHER = (said("This was not done"), said("The request cannot be done as it was asked."))


def refusal_of(status: int) -> tuple[Said, Said]:
    """The title and the sentence for a status."""
    return REFUSALS.get(status, OTHER)


def misread(names: Iterable[str], works: Mapping[str, Said]) -> str:
    """What would work for the first of these parts of an address that `works` has words for; or empty."""
    return next((works[name] for name in names if name in works), "")


class Page(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_say_why(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                pages: Pages = request.app.state.pages
                return refused(request, 422, misread((str(one["loc"][-1]) for one in error.errors()), pages.works))
            except (Refused, Retryable) as error:
                status = next(STATUS[kind][0] for kind in type(error).mro() if kind in STATUS)
                return refused(request, status, error.detail)
            except mongo.MongoError as error:
                if not mongo.unavailable(error):
                    raise
                return refused(request, 503, "the database does not answer")

        return answer_or_say_why


def refused(request: Request, status: int, told: str, headers: Mapping[str, str] | None = None) -> Response:
    """The page that says so; `told` is the reason in the words of whoever refused.

    Only what was written for a page is shown there: other reasons speak to programs, of headers and patterns.
    """
    template = "sign_in.html" if status == 401 else "message.html"
    title, plainly = refusal_of(status)
    # Not open to this sign-in: the start may be just as closed.
    closed = status == 403
    told = told if isinstance(told, Said) else ""
    answer = shown(request, template, status, title=title, plainly=plainly, told=told, closed=closed, link_code="")
    answer.headers.update(_headers(status) | dict(headers or {}))
    return answer


def _headers(status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="aurora"'}
    return {"Retry-After": "2"} if status == 503 else {}
