"""Starts the credentials service."""

from shared.process.serving import serve

if __name__ == "__main__":
    serve("services.credentials.main:build")
