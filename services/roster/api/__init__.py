"""The routes of roster are here: they parse what is asked, and answer."""
