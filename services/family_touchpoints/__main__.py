"""Starts the family_touchpoints service."""

from shared.process.serving import serve

if __name__ == "__main__":
    serve("services.family_touchpoints.main:build")
