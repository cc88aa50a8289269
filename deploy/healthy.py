"""What the container's health check runs: exit code 0 when the service beside it is ready."""

import os
import sys
from http.client import HTTPConnection


def main() -> None:
    """Ask /readyz of this container's own service."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("AURORA_HTTP_PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(answer.read(500).decode(errors="replace"))
    except OSError as trouble:
        sys.exit(f"no answer: {trouble}")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
