"""Starts the roster service."""

from shared.serving import serve

if __name__ == "__main__":
    serve("services.roster.main:build")
