"""The pages of family_touchpoints have their templates and files here."""

from pathlib import Path

from shared.pages.page import Pages

PAGES = Pages(folder=Path(__file__).parent, prefix="/family_touchpoints")
