"""A page in the viewer's language; one that cannot be shown is a page too, with its status and what would work."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from services.insights.numbers.board import has_window
from services.insights.pages import own_words, words
from services.insights.pages.header import header_of
from shared import mongo
from shared.errors import Refused, Retryable
from shared.pages.languages import address_of, texts_for
from shared.pages.refusals import misread, refusal_of
from shared.pages.texts import SOURCE, Texts, languages
from shared.web.problems import STATUS
from shared.words.said import Said

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Which words a page has hangs on both: a cache that kept it would show one viewer's language to another.
VARY = "Accept-Language, Cookie"


class Renderer:
    """Fills a template in a language; what no template is given is an error, never an empty place."""

    def __init__(self) -> None:
        self._templates = {language: _templates(texts) for language, texts in languages().items()}

    def __call__(self, request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
        texts = texts_for(request)
        others = [one for one in languages().values() if one is not texts]
        html = (
            self._templates[texts.language]
            .get_template(template)
            .render(context, other_languages=others, here=address_of(request), header=header_of(request))
        )
        return HTMLResponse(html, status, headers={"Content-Language": texts.tag, "Vary": VARY})


def _templates(texts: Texts) -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.policies["ext.i18n.trimmed"] = True
    found.install_gettext_callables(  # type: ignore[attr-defined]  # the extension brings it
        texts.catalogue.gettext, texts.catalogue.ngettext, newstyle=True
    )
    found.globals |= {"texts": texts, "has_window": has_window, "link": words.link}
    # What nobody translates, such as the plan's own sentences, is marked as what it is.
    found.globals["english"] = Markup("") if texts.language == SOURCE else Markup(' lang="en"')
    found.globals |= {"instant": words.instant, "STATUS": words.STATUS, "MEANING": words.MEANING, "ROLES": words.ROLES}
    speaking: tuple[Callable[..., str], ...] = (
        *(words.figure, words.behind, words.missing, words.freshness, words.percent_of, words.target, words.spoken),
        *(words.ago, own_words.of_program, own_words.of_award),
    )
    found.globals |= {one.__name__: partial(one, texts) for one in speaking}
    found.filters |= {"n": partial(words.thousands, texts), "day": partial(words.day, texts), "say": texts.of}
    # Reasons are the domain's own sentences, in English on every page.
    found.filters["commands"] = words.commands
    found.filters["dated"] = languages()[SOURCE].dated
    found.filters |= {"percent": partial(words.percent, texts), "digits": partial(words.digits, texts)}
    found.globals["written"] = partial(words.digits, texts)
    found.filters |= {"capitalize_first": words.capital}
    found.tests["said"] = lambda told: isinstance(told, Said)
    return found


def shown(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
    """A template of the app, filled."""
    render: Renderer = request.app.state.render
    answer = render(request, template, status, **context)
    if template == "sign_in.html":
        # Without it a browser would not say from where the form is sent, and the sign-in be refused.
        answer.headers["Referrer-Policy"] = "same-origin"
    return answer


class Page(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_say_why(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                return refused(request, 422, misread(str(one["loc"][-1]) for one in error.errors()))
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
