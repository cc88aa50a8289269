"""The pages that show numbers, and those that sign a browser in."""
