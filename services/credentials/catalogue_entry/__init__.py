"""An industry credential of the catalogue, and what it is worth to which program, by date."""
