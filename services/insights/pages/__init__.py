"""These pages show numbers, and sign a browser in."""
