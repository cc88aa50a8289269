"""How a OneRoster package is read: the zip, its manifest, its files, rows and cells."""
