"""A page is a template of its service, filled in the viewer's language and set in the frame that all pages share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from shared.pages import writing
from shared.pages.header import address_of, header_of
from shared.pages.languages import texts_for
from shared.pages.texts import SOURCE, Texts, languages
from shared.words.said import Said

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Which words a page has hangs on both: a cache that kept it would show one viewer's language to another.
VARY = "Accept-Language, Cookie"
Speaks = Callable[..., Any]  # it takes the texts of a language first


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one service: a folder with its `templates` and `static` files, and what its templates may use.

    `prefix` is the service's path at the gateway; `speaking` and `speaking_filters` are given the
    texts of the page's language first; `works` says, by the name of a part of an address, what would
    work there. `serves_shared`: the files that pages of all services have are at this service's `/static` too.
    """

    folder: Path
    prefix: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    speaking: tuple[Speaks, ...] = ()
    speaking_filters: Mapping[str, Speaks] = field(default_factory=dict)
    works: Mapping[str, Said] = field(default_factory=dict)
    serves_shared: bool = False


def open_pages(app: FastAPI, pages: Pages) -> None:
    """Have the app show these pages and serve their files."""
    app.state.pages, app.state.render = pages, Renderer(pages)
    files = StaticFiles(directory=pages.folder / "static")
    if pages.serves_shared:
        files.all_directories = [*files.all_directories, STATIC]
    app.mount("/static", files, name="static")


class Renderer:
    """Fills a template in a language; what no template is given is an error, never an empty place."""

    def __init__(self, pages: Pages) -> None:
        self._prefix = pages.prefix
        self._templates = {language: _templates(texts, pages) for language, texts in languages().items()}

    def __call__(
        self, request: Request, template: str, /, status: int = 200, *, language: str | None = None, **context: Any
    ) -> Response:
        """In the language that is named, where the page itself knows its reader's; else in the viewer's."""
        texts = languages()[language] if language else texts_for(request)
        others = [one for one in languages().values() if one is not texts]
        here = address_of(request, self._prefix)
        html = (
            self._templates[texts.language]
            .get_template(template)
            .render(context, other_languages=others, here=here, header=header_of(request))
        )
        return HTMLResponse(html, status, headers={"Content-Language": texts.tag, "Vary": VARY})


def _templates(texts: Texts, pages: Pages) -> Environment:
    found = Environment(
        loader=FileSystemLoader([pages.folder / "templates", HERE / "templates"]),
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
    found.globals |= {"texts": texts, "link": writing.link, "instant": writing.instant, **pages.given}
    # What nobody translates, such as the plan's own sentences, is marked as what it is.
    found.globals["english"] = Markup("") if texts.language == SOURCE else Markup(' lang="en"')
    found.globals |= {one.__name__: partial(one, texts) for one in (writing.ago, *pages.speaking)}
    found.globals["written"] = partial(writing.digits, texts)
    found.filters |= {"n": partial(writing.thousands, texts), "day": partial(writing.day, texts), "say": texts.of}
    found.filters |= {"digits": partial(writing.digits, texts), "capitalize_first": writing.capital}
    found.filters["commands"] = writing.commands
    # Reasons are the domain's own sentences, in English on every page.
    found.filters["dated"] = languages()[SOURCE].dated
    found.filters |= {name: partial(one, texts) for name, one in pages.speaking_filters.items()}
    found.tests["said"] = lambda told: isinstance(told, Said)
    return found


def shown(
    request: Request, template: str, /, status: int = 200, *, language: str | None = None, **context: Any
) -> Response:
    """A template of the app, filled; see Renderer."""
    render: Renderer = request.app.state.render
    answer = render(request, template, status, language=language, **context)
    if template == "sign_in.html":
        # Without it a browser would not say from where the form is sent, and the sign-in be refused.
        answer.headers["Referrer-Policy"] = "same-origin"
    return answer
