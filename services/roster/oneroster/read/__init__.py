"""A OneRoster package is read here: the zip, its manifest, its files, their rows and cells."""
