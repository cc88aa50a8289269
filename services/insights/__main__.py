"""Starts the insights service."""

from shared.serving import serve

if __name__ == "__main__":
    serve("services.insights.main:build")
