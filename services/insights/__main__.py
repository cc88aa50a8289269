"""Starts the insights service."""

from shared.http import serve

if __name__ == "__main__":
    serve("services.insights.main:build")
