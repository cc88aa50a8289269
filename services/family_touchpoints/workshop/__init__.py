"""Evenings for families: what is planned and held, who was there, how many more were, and how it is told."""
