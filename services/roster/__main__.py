"""Starts the roster service."""

from shared.http import serve

if __name__ == "__main__":
    serve("services.roster.main:build")
