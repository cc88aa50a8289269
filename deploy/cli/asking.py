"""Requests to the services, whose failures are sentences and not stack traces."""

from typing import Any

import httpx

from deploy.cli.running import address_of
from deploy.cli.screen import fail

REQUEST_SECONDS = 120.0
AWAY = (502, 503, 504)


def client_of(name: str, bearer: str, *, failing: int = 1) -> httpx.Client:
    """A client of one service, with this token; this exit code when nobody knows where it is."""
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.Client(base_url=address_of(name, failing=failing), headers=headers, timeout=REQUEST_SECONDS)


def asked(
    client: httpx.Client, method: str, path: str, *, failing: int = 1, lost: int | None = None, **options: Any
) -> httpx.Response:
    """The answer, or what went wrong as a message and this exit code.

    `lost`: another one, for a request that was on its way when the connection broke: it may have been heard.
    """
    try:
        answer = client.request(method, path, **options)
    except httpx.TransportError as trouble:
        heard = lost is not None and not isinstance(trouble, httpx.ConnectError | httpx.ConnectTimeout)
        unsure = " Whether it heard is not known: ask again, a request that is sent twice is one." if heard else ""
        code = lost if heard and lost is not None else failing
        fail(f"{client.base_url} does not answer ({trouble}): is it up? See `aurora status`.{unsure}", code=code)
    return checked(answer, failing=failing)


def looked(client: httpx.Client, path: str, *, failing: int = 1) -> httpx.Response | None:
    """The answer to a question that may be asked again; None while the service is away."""
    try:
        answer = client.get(path)
    except httpx.TransportError:
        return None
    return None if answer.status_code in AWAY else checked(answer, failing=failing)


def checked(answer: httpx.Response, *, failing: int = 1) -> httpx.Response:
    """The answer, unless it is a refusal: that as a message and this exit code."""
    if answer.is_error:
        fail(f"{answer.request.method} {answer.url} was answered {answer.status_code}: {_reason(answer)}", code=failing)
    return answer


def _reason(answer: httpx.Response) -> str:
    """What a problem document says, or the beginning of what came instead."""
    try:
        problem: dict[str, Any] = answer.json()
    except ValueError:
        return answer.text[:500]
    listed = [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", ())]
    return "; ".join([problem.get("detail", answer.text[:500]), *listed[:10]])
