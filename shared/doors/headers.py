"""What every answer tells a browser, so that no foreign page frames it, sniffs at it or keeps it."""

from collections.abc import Mapping

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"
# Own files and own origin only: every service is asked at the one address that the page itself came from.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STRICT_TRANSPORT = "max-age=31536000"
# Answers that may hold a student's record must not stay in a shared browser's cache.
KEPT_NOWHERE = ("application/json", "application/problem+json", "text/html", "text/csv", "application/zip")
