"""A page that cannot be shown says so in plain words, whatever the reason's own are."""

from collections.abc import Iterable, Mapping

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
