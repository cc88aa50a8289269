"""Touchpoints: what is planned with a family, what became of it, who may be told, and what waits to be done."""
