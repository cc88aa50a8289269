"""This starts the insights service."""

from shared.process.serving import serve

if __name__ == "__main__":
    serve("services.insights.main:build")
