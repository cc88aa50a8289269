"""Caddy's configuration is made here from the list of services: a path for each, the same rules for all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from shared.doors.headers import ALWAYS, NOT_A_PAGE, PAGE_POLICY, STRICT_TRANSPORT
from shared.producer.producers import PRODUCERS

REST = "insights"  # whatever has no service's path
BY_PATH = tuple(one.name for one in PRODUCERS)

HEAD_KIBIBYTES = 32
HEAD_SECONDS = 15
BODY_SECONDS = 30  # of silence; what comes, but too slowly, the service ends
PLAIN_TYPES = ("application/json", "application/openapi+json", "text/html", "text/css", "text/javascript", "text/csv")


@dataclass(frozen=True, slots=True)
class Door:
    """What one gateway is told; `address` as Caddy writes it: `http://:8000`, or a name, which gives HTTPS.

    `bind` keeps it to one address of the machine; `health` is where it tells how it is, for nobody
    but whoever runs it; `app` is the folder of the students' app, which need not be there.
    """

    address: str
    upstreams: Mapping[str, str]
    app: str
    health: str
    bind: str = ""
    storage: str = ""
    head_seconds: float = HEAD_SECONDS
    body_seconds: float = BODY_SECONDS


def caddyfile(door: Door) -> str:
    """The whole configuration, as a Caddyfile."""
    parts = (_everywhere(door), _headers(), _refusals(), _service(), _health(door), _site(door))
    return "# Made by `python -m deploy.gateway` from the list of services; change that, not this.\n" + "\n".join(parts)


def _everywhere(door: Door) -> str:
    """No admin endpoint, nothing written but certificates, and no address that was asked for in a log."""
    storage = f"\tstorage file_system {door.storage}\n" if door.storage else ""
    return f"""{{
	admin off
	persist_config off
	skip_install_trust
{storage}	grace_period 5s
	log default {{
		output stderr
		format filter {{
			wrap json
			fields {{
				request delete
			}}
		}}
	}}
	servers {{
		protocols h1 h2
		# A service refuses before it has read a body: whoever still sends it is to hear that at once.
		enable_full_duplex
		max_header_size {HEAD_KIBIBYTES}KiB
		timeouts {{
			read_header {door.head_seconds:g}s
			read_body {door.body_seconds:g}s
			idle 2m
		}}
	}}
}}
"""


def _headers() -> str:
    """Each is a directive of its own: `?` of several fields together would ask that all of them are missing."""
    always = "".join(f'\theader ?{name} "{value}"\n' for name, value in ALWAYS.items())
    return f"""(headers) {{
{always}	header ?Content-Security-Policy "{NOT_A_PAGE}"
	header -Server
	header -Via
}}
"""


def _refusals() -> str:
    """What the gateway answers itself: in the services' form to a program, in two sentences to a reader."""
    away = _problem("not-now", "Not now; try again", 503, "this part of Aurora does not answer; send the same again")
    unknown = _problem("not-found", "There is no such thing", 404, "no such address")
    page = (
        "<!doctype html><html lang=en><title>Aurora</title><p>This part of Aurora does not answer just now. "
        "Try again in a moment.<p lang=es>Esta parte de Aurora no responde ahora. Inténtelo de nuevo en un momento."
    )
    return f"""(refusals) {{
	handle_errors 404 {{
		import headers
		header Content-Type application/problem+json
		respond `{unknown}`
	}}
	handle_errors 502 503 504 {{
		import headers
		header Retry-After 2
		header Cache-Control no-store
		@reader header Accept *text/html*
		handle @reader {{
			header Content-Type "text/html; charset=utf-8"
			respond `{page}` 503
		}}
		handle {{
			header Content-Type application/problem+json
			respond `{away}` 503
		}}
	}}
}}
"""


def _problem(slug: str, title: str, status: int, detail: str) -> str:
    found = {"type": f"urn:aurora:problem:{slug}", "title": title, "status": status, "detail": detail, "errors": []}
    return json.dumps(found)


def _service() -> str:
    """How a service is passed on to: its address, and the path that its own links lack.

    A record has an ETag and is not compressed: Caddy would write the compression into the ETag, and no service
    knows that version. Server-sent events are neither compressed nor held back.
    """
    types = "".join(f"\t\t\theader Content-Type {one}*\n" for one in PLAIN_TYPES)
    # A service closes what is idle for 5 s: a connection kept as long would fail the write that comes then.
    return f"""(service) {{
	encode zstd gzip {{
		match {{
{types}			header !ETag
		}}
	}}
	@files path /static/* /docs-files/*
	encode @files zstd gzip
	reverse_proxy {{args[0]}} {{
		lb_try_duration 2s
		header_down Location ^/v1/ {{args[1]}}/v1/
		transport http {{
			dial_timeout 2s
			keepalive 3s
		}}
	}}
}}
"""


def _health(door: Door) -> str:
    """A door of its own for Prometheus and for whoever asks whether the gateway runs."""
    return f"""http://{door.health} {{
{_bound(door)}	metrics /metrics
}}
"""


def _site(door: Door) -> str:
    services = "".join(
        f"\thandle_path /{name}/* {{\n\t\timport service {door.upstreams[name]} /{name}\n\t}}\n" for name in BY_PATH
    )
    return f"""{door.address} {{
{_bound(door)}	import headers
	@encrypted protocol https
	header @encrypted ?Strict-Transport-Security {STRICT_TRANSPORT}
	import refusals
	# What is for whoever runs the services, in whatever spelling: Caddy decodes and cleans the path before it looks.
	@private path_regexp (?i)^(/[^/]+)?/(metrics|livez|readyz)/?$
	handle @private {{
		error 404
	}}
	# No address of ours has one, and what takes a line's end for the text's would take this for another address.
	@control path_regexp [\x00-\x1f\x7f]
	handle @control {{
		error 404
	}}
{services}	redir /app /app/
	handle_path /app/* {{
		root * {door.app}
		encode zstd gzip
		header Content-Security-Policy "{PAGE_POLICY}"
		file_server {{
			hide .*
		}}
	}}
	handle {{
		import service {door.upstreams[REST]} ""
	}}
}}
"""


def _bound(door: Door) -> str:
    return f"\tbind {door.bind}\n" if door.bind else ""
