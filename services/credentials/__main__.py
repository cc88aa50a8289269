"""Starts the credentials service."""

from shared.http import serve

if __name__ == "__main__":
    serve("services.credentials.main:build")
