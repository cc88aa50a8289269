"""Surveys of families: what a version asks, who has answered it by name, and how many without one."""
