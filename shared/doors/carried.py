"""How a request carries its token: in its own header, or in the cookie of our pages where that is safe."""

from urllib.parse import unquote

from fastapi import Request

from shared.errors import Unauthenticated
from shared.process.settings import Settings

COOKIE = "aurora_token"
SAFE = ("GET", "HEAD")
SIGNED_IN_AS = "aurora-signed-in-as"


def cookie_of(settings: Settings) -> str:
    """The name of the cookie with the token; `__Host-` keeps other hosts of the domain from setting it."""
    return f"__Host-{COOKIE}" if settings.environment == "prod" else COOKIE


def bearer_of(request: Request) -> str:
    """The token of the Authorization header. Raise Unauthenticated when there is none."""
    given = request.headers.get("authorization", "")
    if given:
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("the Authorization header must be: Bearer, a space, and the token")
        return token.strip()
    raise Unauthenticated("send the header Authorization: Bearer <token>; locally, `aurora token` makes one")


def token_of(request: Request) -> str:
    """The token of a request. Raise Unauthenticated when it carries none that may be taken."""
    if "authorization" not in request.headers and _takes_cookie(request):
        cookie = request.cookies.get(cookie_of(request.app.state.settings))
        if cookie:
            return cookie
    return bearer_of(request)


def _takes_cookie(request: Request) -> bool:
    """Where nothing changes, or where a page of ours asks: a foreign one could make a browser send its cookie along."""
    return request.method in SAFE or asked_by_ours(request)


def asked_by_ours(request: Request) -> bool:
    """Whether a page of the very address that was asked sent this.

    No page can say another origin than its own, and a browser names it with every change. The port counts,
    which a cookie's own rules leave out: another program of the same machine is another origin.
    """
    host = request.headers.get("host")
    schemes = ("https",) if request.app.state.settings.environment == "prod" else ("https", "http")
    ours = bool(host) and request.headers.get("origin") in [f"{scheme}://{host}" for scheme in schemes]
    return ours and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def meant(request: Request, sub: str) -> None:
    """Raise Unauthenticated when it was done by somebody else than who is signed in by now.

    What waited in a browser for a connection says whose it is; without that nothing is compared.
    """
    named = request.headers.get(SIGNED_IN_AS)
    if named is not None and unquote(named) != sub:
        raise Unauthenticated("somebody else has signed in here since", works="sign in as whoever did this")
