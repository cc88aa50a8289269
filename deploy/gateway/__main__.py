"""`python -m deploy.gateway` writes the Caddyfile of docker-compose.yml anew."""

from pathlib import Path

from deploy.gateway.caddyfile import BY_PATH, REST, Door, caddyfile

COMPOSE = Path(__file__).with_name("Caddyfile")


def of_compose() -> str:
    """The gateway beside the containers of docker-compose.yml; `AURORA_ADDRESS` gives it a name."""
    door = Door(
        address="{$AURORA_ADDRESS:http://:8000}",
        upstreams={name: f"{name}:8000" for name in (*BY_PATH, REST)},
        app="/srv/app",
        health=":9180",
    )
    return caddyfile(door)


if __name__ == "__main__":
    COMPOSE.write_text(of_compose(), encoding="utf-8")
