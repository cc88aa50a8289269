"""HTTP as every service speaks it: the app, its routes, bodies, answers and problems."""
