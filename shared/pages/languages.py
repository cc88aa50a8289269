"""A page is shown in the language that was chosen on a page before, else in what the browser asks for."""

import re
from collections.abc import Collection

from fastapi import Request

from shared.pages.texts import SOURCE, Texts, languages

COOKIE = "aurora_language"
# A browser reads `//host` and `/\host` as another host, and drops tabs and line breaks before it looks.
OF_THIS_SITE = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
# The addresses that mean something only once: nobody is led back to them, nor are they repeated in a link.
SIGN_IN = "/sign-in"
NOT_AGAIN = (SIGN_IN, "/sign-out")
# What stands behind it opens something to whoever has the address: it is in no link, and nobody is led to it.
FAMILY_LINKS = "/family_touchpoints/answer/"
WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


def texts_for(request: Request) -> Texts:
    """The texts that this viewer reads."""
    known = languages()
    chosen = request.cookies.get(COOKIE, "")
    return known[chosen if chosen in known else asked_for(request.headers.get("accept-language", ""), known)]


def asked_for(header: str, known: Collection[str]) -> str:
    """The known language that an Accept-Language header wants most; English when it wants none of them.

    `es-MX` is content with `es`. What cannot be read is passed over.
    """
    spelled = {one.lower().replace("_", "-"): one for one in known}
    wanted = [found for part in header.split(",") if (found := _weighed(part))]
    for weight, tag in sorted(wanted, key=lambda one: one[0], reverse=True):
        subtags = tag.lower().split("-") if weight else []
        ever_shorter = ("-".join(subtags[:length]) for length in range(len(subtags), 0, -1))
        if known_one := next((spelled[one] for one in ever_shorter if one in spelled), None):
            return known_one
    return SOURCE


def _weighed(part: str) -> tuple[float, str] | None:
    language, *parameters = (one.strip() for one in part.split(";"))
    weight = next((one.partition("=")[2].strip() for one in parameters if one.partition("=")[0].strip() == "q"), "1")
    return (float(weight), language) if language and WEIGHT.fullmatch(weight) else None


def not_again(address: str) -> bool:
    """Whether opening the address would sign somebody in or out, or the address itself is a family's token."""
    path = re.split(r"[?#]", address)[0].lower()
    return path.rstrip("/") in NOT_AGAIN or path.startswith(FAMILY_LINKS)


def within(address: str) -> bool:
    """Whether an address is one of this site, however a browser reads it."""
    return bool(OF_THIS_SITE.fullmatch(address))
