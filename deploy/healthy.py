"""What the container's health check runs: exit code 0 when the service beside it is ready."""

import os
import sys
import urllib.error
import urllib.request


def main() -> None:
    """Ask /readyz of this container's own service."""
    port = os.environ.get("AURORA_HTTP_PORT", "8000")
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=4).close()
    except urllib.error.HTTPError as answer:
        sys.exit(answer.read().decode(errors="replace")[:500])
    except OSError as trouble:
        sys.exit(f"no answer: {trouble}")


if __name__ == "__main__":
    main()
