"""The API's documentation as a page, from our own files: no outside host is asked."""

import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

FILES = Path(fastapi_offline.__file__).parent / "static"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
DOCS, DOCS_FILES = "/docs", "/docs-files"
NAMES = ("api_page", "api_page_files")


def add_api_pages(app: FastAPI) -> None:
    """Serve the page that lists the API at /docs."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=f"{app.title} API",
        swagger_js_url=f"{DOCS_FILES[1:]}/swagger-ui-bundle.js",
        swagger_css_url=f"{DOCS_FILES[1:]}/swagger-ui.css",
        swagger_favicon_url=f"{DOCS_FILES[1:]}/favicon.png",
    )
    html = bytes(page.body).decode()
    policy = _policy(html)

    async def api_page(_: Request) -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    app.mount(DOCS_FILES, StaticFiles(directory=FILES), name="api_page_files")
    app.add_route(DOCS, api_page, include_in_schema=False)


def _policy(html: str) -> str:
    """Only this page's own inline script may run: it is named by its digest."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in INLINE.findall(html)]
    scripts = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
