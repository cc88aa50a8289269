"""Starts the roster service."""

from shared.process.serving import serve

if __name__ == "__main__":
    serve("services.roster.main:build")
